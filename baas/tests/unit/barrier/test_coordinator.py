# SPDX-License-Identifier: Apache-2.0
"""The barrier, with the real node program at the other ends."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from baas.tests.unit.barrier import nodes
from baas.tests.unit.barrier import test_probe
from baas.tests.unit.node import base

NAMES = ('node-0', 'node-1', 'node-2')


@base.needs_root
class CoordinatorTest(unittest.TestCase):

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-barrier-'))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.nodes = {name: nodes.Node(self.folder / name) for name in NAMES}
        for node in self.nodes.values():
            self.addCleanup(node.end)

    def begin(self, **fields):
        process = subprocess.Popen(
            nodes.plan(self.folder, self.nodes, **fields),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def end(self, process, seconds=120):
        out = process.communicate(timeout=seconds)[0]
        [line] = out.splitlines()
        return json.loads(line)['baas']

    def run_barrier(self, **fields):
        return self.end(self.begin(**fields))

    def said(self):
        path = self.folder / 'barrier.json.state'
        return json.loads(path.read_text())['said'] if path.exists() else {}

    def wait_for(self, node, task, percent=20):
        until = time.monotonic() + 120
        while time.monotonic() < until:
            told = self.said().get('nodes', {}).get(node, {})
            if (told.get('task'), told.get('percent')) == (task, percent):
                return
            time.sleep(0.02)
        self.fail(f'{node} never said {task!r}: {self.said()}')

    def wait_for_rest(self):
        """Wait until the first node is quiesced and its neighbour is about
        to."""
        self.wait_for('node-0', 'waiting for the other nodes', 40)
        self.wait_for('node-1', 'quiescing services')

    def assert_all_back(self, seconds=0):
        for name, node in self.nodes.items():
            self.assertTrue(node.wait_until_back(seconds), name)

    def assert_failed(self, said, node, words):
        self.assertEqual('error', said['state'])
        self.assertRegex(said['nodes'][node]['error']['cause'], words)
        self.assertRegex(said['error']['cause'], words)

    def test_all_rest_before_a_snapshot_and_have_one_before_any_resumes(self):
        self.nodes['node-1'].spoil('b.service', 'slow', 1.5)
        said = self.run_barrier()
        self.assertEqual('done', said['state'], said)
        logs = [node.log() for node in self.nodes.values()]
        stops = [when for log in logs for when, act, _ in log
                 if act == 'stopped']
        starts = [when for log in logs for when, act, _ in log
                  if act == 'start']
        snapshots = [node.record()['snapshot_done']
                     for node in self.nodes.values()]
        self.assertEqual((6, 6), (len(stops), len(starts)))
        self.assertGreater(min(snapshots), max(stops))
        self.assertGreater(min(starts), max(snapshots))
        self.assert_all_back()

    def test_the_results_of_all_verbs_are_told_for_each_node(self):
        server = test_probe.Server(b'220 mail\r\n')
        self.addCleanup(server.close)
        said = self.run_barrier(probes=[server.place])
        for name in NAMES:
            told = said['nodes'][name]
            probes = told['results']['barrier']['probes']
            self.assertEqual([server.place], list(probes))
            self.assertGreater(probes[server.place]['answers'], 0)
            self.assertEqual({'quiesce', 'snapshot', 'resume', 'barrier'},
                             set(told['results']))
            self.assertEqual(['a.service', 'b.service'],
                             told['results']['quiesce']['stopped'])
            self.assertGreater(told['results']['resume']['outage'], 0)
            self.assertEqual(100, told['percent'])

    def test_without_rest_nothing_stops_and_all_have_snapshots(self):
        said = self.run_barrier(quiesces=False)
        self.assertEqual('done', said['state'], said)
        for name, node in self.nodes.items():
            self.assertEqual([], node.log())
            self.assertTrue(node.record()['snapshot_done'])
            self.assertEqual({'snapshot', 'barrier'},
                             set(said['nodes'][name]['results']))

    def test_a_unit_that_does_not_stop_is_named_and_all_resume(self):
        self.nodes['node-1'].spoil('b.service', 'stuck')
        said = self.run_barrier(deadman_timeout=10)
        self.assert_failed(said, 'node-1', 'b.service|not quiesced in time')
        self.assert_all_back()
        for node in self.nodes.values():
            self.assertFalse(node.record().get('snapshot_done'))

    def test_a_killed_session_is_called_anew_and_the_others_resume(self):
        self.nodes['node-1'].spoil('b.service', 'slow', 30)
        process = self.begin()
        self.wait_for_rest()
        os.kill(self.nodes['node-1'].pid(), signal.SIGKILL)
        said = self.end(process)
        self.assert_failed(said, 'node-1', 'node-1 has ended')
        self.assertIn('resume', said['nodes']['node-1']['results'])
        self.assertNotIn('error', said['nodes']['node-0'])
        self.assert_all_back(60)

    def test_a_node_that_cannot_be_called_anew_keeps_no_other_waiting(self):
        self.nodes['node-1'].spoil('b.service', 'slow', 30)
        process = self.begin()
        self.wait_for_rest()
        (self.folder / 'node-1/call').unlink()
        os.kill(self.nodes['node-1'].pid(), signal.SIGKILL)
        said = self.end(process)
        self.assert_failed(said, 'node-1', 'node-1 has ended')
        self.assertNotIn('resume', said['nodes']['node-1']['results'])
        for name in ('node-0', 'node-2'):
            self.assertTrue(self.nodes[name].wait_until_back(60), name)
            self.assertNotIn('error', said['nodes'][name])

    def test_a_session_that_answers_no_more_is_called_anew(self):
        self.nodes['node-1'].spoil('b.service', 'slow', 30)
        process = self.begin(deadman_timeout=10, heartbeat_timeout=60)
        self.wait_for('node-1', 'quiescing services')
        os.kill(self.nodes['node-1'].pid(), signal.SIGSTOP)
        self.addCleanup(os.kill, self.nodes['node-1'].pid(), signal.SIGKILL)
        said = self.end(process)
        self.assert_failed(said, 'node-1', 'not quiesced in time')
        self.assert_all_back(60)

    def test_when_the_coordinator_is_killed_nodes_resume_at_once(self):
        self.nodes['node-1'].spoil('b.service', 'slow', 30)
        process = self.begin(heartbeat_timeout=120)
        self.wait_for_rest()
        process.kill()
        self.assert_all_back(60)
        for node in self.nodes.values():
            self.assertFalse(node.record().get('snapshot_done'))

    def test_when_the_coordinator_hangs_nodes_resume_after_the_silence(self):
        self.nodes['node-1'].spoil('b.service', 'slow', 30)
        process = self.begin(heartbeat_timeout=10)
        self.wait_for_rest()
        process.send_signal(signal.SIGSTOP)
        time.sleep(1)
        self.assertFalse(self.nodes['node-0'].is_back())
        self.assertTrue(self.nodes['node-0'].wait_until_back(40))
        self.assertTrue(self.nodes['node-2'].wait_until_back(40))
        process.send_signal(signal.SIGCONT)
        said = self.end(process)
        self.assertRegex(said['error']['cause'], 'Nothing was heard')

    def test_a_signal_means_resume_everywhere(self):
        self.nodes['node-1'].spoil('b.service', 'slow', 30)
        process = self.begin()
        self.wait_for_rest()
        process.terminate()
        said = self.end(process)
        self.assertEqual('The barrier was ended by signal 15.',
                         said['error']['cause'])
        self.assert_all_back(60)

    def test_stop_ends_a_detached_moment_and_all_resume(self):
        self.nodes['node-1'].spoil('b.service', 'slow', 30)
        words = nodes.plan(self.folder, self.nodes)
        subprocess.run(words + ['--detach'], check=True,
                       stdout=subprocess.DEVNULL)
        self.wait_for_rest()
        subprocess.run(words[:5] + ['--stop'], check=True,
                       stdout=subprocess.DEVNULL)
        self.assert_all_back(60)
        self.assertEqual('error', self.said()['state'])

    def test_a_session_that_gets_a_signal_resumes_and_fails(self):
        self.nodes['node-1'].spoil('b.service', 'slow', 30)
        process = self.begin()
        self.wait_for_rest()
        os.kill(self.nodes['node-0'].pid(), signal.SIGTERM)
        self.assert_failed(self.end(process), 'node-0', 'Signal 15')
        self.assert_all_back(60)

    def test_longer_than_max_outage_is_broken_off_by_name(self):
        self.nodes['node-2'].spoil('a.service', 'slow', 60)
        began = time.monotonic()
        said = self.run_barrier(max_outage=8)
        self.assertLess(time.monotonic() - began, 50)
        self.assert_failed(said, 'node-2', 'max_outage')
        self.assertTrue(self.nodes['node-0'].is_back())

    def test_a_node_ends_the_outage_even_if_the_coordinator_does_not(self):
        self.nodes['node-2'].spoil('a.service', 'slow', 90)
        process = self.begin(max_outage=20, heartbeat_timeout=300)
        self.wait_for('node-0', 'waiting for the other nodes', 40)
        process.send_signal(signal.SIGSTOP)
        self.assertTrue(self.nodes['node-0'].wait_until_back(120))
        process.send_signal(signal.SIGCONT)
        self.assertIn('max_outage', self.end(process)['error']['cause'])

    def test_a_higher_epoch_on_one_node_lets_nothing_stop_anywhere(self):
        self.nodes['node-2'].raise_epoch(2)
        said = self.run_barrier()
        self.assert_failed(said, 'node-2', 'Epoch 1 .* is refused')
        for node in self.nodes.values():
            self.assertEqual([], node.log())

    def test_without_a_dead_man_on_one_node_nothing_stops_anywhere(self):
        (self.nodes['node-2'].units / 'baas-deadman.service').write_text(
            'failed\n')
        self.assert_failed(self.run_barrier(), 'node-2', 'dead-man')
        for node in self.nodes.values():
            self.assertEqual([], node.log())

    def test_a_node_without_the_program_is_named_with_what_was_said(self):
        (self.folder / 'node-1/call').unlink()
        said = self.run_barrier()
        self.assert_failed(said, 'node-1', 'cannot open|No such file')
        self.assertEqual([], self.nodes['node-0'].log())

    def test_a_password_in_the_inventory_is_refused(self):
        self.nodes['node-1'].reach['passwords'] = ['ansible_become_pass']
        said = self.run_barrier()
        self.assert_failed(said, 'node-1', 'ansible_become_pass')
        self.assertIn('sudo', said['error']['hint'])

    def test_it_loads_nothing_that_takes_long(self):
        words = [sys.executable, '-c', 'import sys, baas; '
                 'before = set(sys.modules); '
                 'import baas.barrier.coordinator, baas.program; '
                 'print(*{name.split(".")[0] for name in '
                 'set(sys.modules) - before '
                 '} - set(sys.stdlib_module_names))']
        out = subprocess.run(words, capture_output=True, text=True,
                             check=True).stdout
        self.assertEqual(['baas'], out.split())
