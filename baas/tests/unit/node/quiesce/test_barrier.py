# SPDX-License-Identifier: Apache-2.0
"""The barrier on one node: it is as it was, whatever it was ordered."""
import json
import os
import pathlib
import subprocess
import time
import unittest

from baas.node.quiesce import orders
from baas.tests.unit.barrier import nodes
from baas.tests.unit.node import base


@base.needs_root
class OrderTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        self.node = nodes.Node(pathlib.Path(self.path('node')))
        self.addCleanup(self.node.end)

    def begin(self, **options):
        """Begin the barrier and wait until it takes orders."""
        self.barrier = subprocess.Popen(
            [self.node.folder / 'call', 'barrier', '--job', base.JOB,
             '--epoch', '1', '--options', '-'], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        self.addCleanup(self.barrier.wait)
        self.addCleanup(self.barrier.kill)
        self.tell({'quiesce': {'units': ['a.service', 'b.service'],
                               'deadman_timeout': 60},
                   'resume': {'wait': 20}, 'heartbeat_timeout': 60,
                   **options})
        self.wait_for('ready')

    def order_quiesce(self):
        """Order all that comes up to the quiesce."""
        self.tell({'do': 'arrange'})
        self.wait_for('arranged')
        self.tell({'do': 'quiesce'})

    def tell(self, line):
        self.barrier.stdin.write(json.dumps(line) + '\n')
        self.barrier.stdin.flush()

    def wait_for(self, said):
        for line in self.barrier.stdout:
            if json.loads(line)['baas'].get('said') == said:
                return
        self.fail('it never said ' + said)

    def end(self):
        """Give the last thing that it says."""
        lines = self.barrier.communicate()[0].splitlines()
        return json.loads(lines[-1])['baas']

    def test_another_order_than_the_next_one_ends_it(self):
        self.begin()
        self.order_quiesce()
        self.wait_for('quiesced')
        self.tell({'do': 'quiesce'})
        said = self.end()
        self.assertEqual('error', said['state'])
        self.assertIn('ordered quiesce in place of snapshot',
                      said['error']['cause'])
        self.assertTrue(self.node.is_back())

    def test_what_is_only_arranged_is_undone_too_and_stops_nothing(self):
        for order in ({'do': 'resume'}, None):
            with self.subTest(order):
                self.begin()
                self.tell({'do': 'arrange'})
                self.wait_for('arranged')
                self.assertTrue(self.node.record()['quiesce_token'])
                if order:
                    self.tell(order)
                said = self.end()
                self.assertEqual('done' if order else 'error', said['state'])
                self.assertIsNone(self.node.record()['quiesce_token'])
                self.assertEqual([], self.node.log())
                self.assertTrue(self.node.is_back())

    def test_a_resume_is_heard_while_services_still_stop(self):
        self.node.spoil('b.service', 'slow', 600)
        self.begin()
        self.order_quiesce()
        self.wait_for('working')
        until = time.monotonic() + 60
        while not self.node.log() and time.monotonic() < until:
            time.sleep(0.02)
        self.tell({'do': 'resume'})
        said = self.end()
        self.assertEqual('done', said['state'], said)
        self.assertEqual(['resume'], list(said['result']))
        self.assertTrue(self.node.is_back())

    def test_what_nobody_has_foreseen_leaves_nothing_stopped(self):
        self.begin(max_outage='soon')
        self.order_quiesce()
        said = self.end()
        self.assertIn('barrier failed: TypeError',
                      said['error']['cause'])
        self.assertTrue(self.node.is_back())

    def test_what_does_not_start_again_is_told_beside_why_it_was_stopped(
            self):
        path = self.node.folder / 'bin/systemctl'
        path.write_text(path.read_text().replace(
            'echo active > $units/$name', 'true'))
        self.begin(resume={'wait': 1})
        self.order_quiesce()
        self.wait_for('quiesced')
        self.tell({'do': 'resume-nothing'})
        said = self.end()
        self.assertRegex(said['error']['cause'],
                         r'ordered resume-nothing in place of snapshot\. '
                         r'Not running again: a.service, b.service')


class WakeTest(unittest.TestCase):

    def test_whoever_wakes_again_and_again_never_waits(self):
        readable, writable = os.pipe()
        self.addCleanup(os.close, writable)
        self.addCleanup(os.close, readable)
        waiting = orders.Orders(readable, 60)
        # More than a pipe holds.
        for _ in range((1 << 16) + 1):
            waiting.wake()
        self.assertIsNone(waiting.next())
