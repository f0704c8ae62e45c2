# SPDX-License-Identifier: Apache-2.0
"""How fast a payload is captured, and how much it is in the way of others."""
import os
import subprocess
import unittest

from baas.node.payloads import pace
from baas.node.payloads import restic_cli
from baas.tests.unit.node import base

LIMITS = {'bytes': 3 << 20, 'gentle': True, 'processors': 2, 'files': 1}


class PaceTest(base.NodeTest):

    def ask(self, **limits):
        return self.asked('capture', repository='/r', pace=limits)

    def test_restic_is_told_what_it_has_to_keep_to(self):
        words, environment = restic_cli.call(self.ask(**LIMITS), ['backup'])
        self.assertEqual(['--limit-upload', '3072', 'backup'], words[1:])
        self.assertEqual('2', environment['GOMAXPROCS'])

    def test_without_limits_it_is_told_nothing(self):
        for limits in ({}, dict.fromkeys(LIMITS, 0)):
            words, environment = restic_cli.call(self.ask(**limits),
                                                 ['backup'])
            self.assertEqual(['backup'], words[1:])
            self.assertNotIn('GOMAXPROCS', environment)

    def test_without_limits_a_damaged_journal_is_in_nobodys_way(self):
        self.write('state/journal.json', '{')
        for limits in ({}, dict.fromkeys(LIMITS, 0)):
            self.assertEqual({}, pace.of(self.ask(**limits)))

    def test_nothing_is_slow_while_others_wait_for_what_is_read_here(self):
        self.write_journal(undos=[], offline_mounts=['/'],
                           quiesce_token='a')
        self.assertEqual({}, pace.of(self.ask(**LIMITS)))
        self.write_journal(undos=[], offline_mounts=['/'],
                           quiesce_token=None)
        self.assertEqual(LIMITS, pace.of(self.ask(**LIMITS)))

    def test_nothing_is_slow_while_something_waits_to_be_resumed(self):
        self.write_journal(undos=[{'kind': 'systemd', 'unit': 'a.service'}])
        asked = self.ask(**LIMITS)
        self.assertEqual({}, pace.of(asked))
        self.assertEqual(['backup'], restic_cli.call(asked, ['backup'])[0][1:])
        before = os.getpriority(os.PRIO_PROCESS, 0)
        pace.begin(asked)
        self.assertEqual(before, os.getpriority(os.PRIO_PROCESS, 0))

    @base.needs_root
    def test_who_is_gentle_comes_after_others(self):
        me = str(os.getpid())
        was = subprocess.check_output(['ionice', '-p', me], text=True)
        number = was.strip().rpartition('prio ')[2]
        self.addCleanup(subprocess.check_call, [
            'ionice', '-c', was.split(':')[0], *(
                ['-n', number] if number.isdigit() else []), '-p', me])
        before = os.getpriority(os.PRIO_PROCESS, 0)
        pace.begin(self.ask(gentle=True))
        self.assertEqual(min(19, before + 10),
                         os.getpriority(os.PRIO_PROCESS, 0))
        self.assertEqual('best-effort: prio 7', subprocess.check_output(
            ['ionice', '-p', me], text=True).strip())


class ThrottleTest(unittest.TestCase):

    def setUp(self):
        self.now, self.slept = 100.0, []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def throttle(self, rate):
        return pace.Throttle(rate, lambda: self.now, self.sleep)

    def test_so_many_bytes_take_so_many_seconds(self):
        one = self.throttle(100)
        for _number in range(10):
            one.spend(50)
        self.assertEqual(105.0, self.now)

    def test_the_time_that_they_took_counts(self):
        one = self.throttle(100)
        one.spend(100)
        self.now += 0.25
        one.spend(100)
        self.assertEqual([1.0, 0.75], self.slept)

    def test_of_a_long_rest_no_more_than_a_second_is_made_up_for(self):
        one = self.throttle(100)
        one.spend(100)
        self.now += 60
        one.spend(300)
        self.assertEqual([1.0, 2.0], self.slept)

    def test_without_a_rate_nobody_waits(self):
        self.throttle(0).spend(1 << 40)
        self.assertEqual([], self.slept)
