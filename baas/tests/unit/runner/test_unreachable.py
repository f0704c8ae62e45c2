# SPDX-License-Identifier: Apache-2.0
"""Silence, as Ansible and OpenSSH tell of it, and what only looks like it."""
import unittest

from baas.runner import progress
from baas.runner import unreachable

TO = 'Failed to connect to the host via ssh: ssh: connect to host a port 22: '
BEHIND = ('Failed to connect to the host via ssh: channel 0: open failed: '
          'connect failed: {} stdio forwarding failed Connection closed by '
          'UNKNOWN port 65535.')


class TestSilent(unittest.TestCase):

    def test_a_machine_that_gives_no_answer_is_silent(self):
        for said in (
                TO + 'Connection timed out.', TO + 'Operation timed out.',
                TO + 'No route to host.', TO + 'Host is down.',
                TO + 'Network is unreachable.',
                'Data could not be sent to remote host "a". Make sure this '
                'host can be reached over ssh: ssh: connect to host a port '
                '22: No route to host.',
                BEHIND.format('No route to host'),
                BEHIND.format('Connection timed out')):
            self.assertTrue(unreachable.silent(said), said)

    def test_a_machine_that_refuses_is_there(self):
        for said in (
                TO + 'Connection refused.',
                'root@a: Permission denied (publickey).',
                'Host key verification failed.',
                'No ED25519 host key is known for a and you have requested '
                'strict checking. Host key verification failed.',
                '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @',
                'Connection timed out during banner exchange Connection to '
                'a port 22 timed out',
                'kex_exchange_identification: read: Connection reset by peer',
                BEHIND.format('Connection refused'),
                # Of two addresses one refuses.
                TO + 'No route to host ssh: connect to host a port 22: '
                     'Connection refused.'):
            self.assertFalse(unreachable.silent(said), said)

    def test_what_proves_nothing_about_the_machine_is_no_silence(self):
        for said in (
                '', 'Timeout, server a not responding.',
                'ssh: Could not resolve hostname a: Name or service not known',
                'Shared connection to a closed.',
                'Failed to create temporary directory.',
                # It is the jump host that cannot be reached.
                TO + 'No route to host Connection closed by UNKNOWN port '
                     '65535.'):
            self.assertFalse(unreachable.silent(said), said)


class TestProgress(unittest.TestCase):

    def setUp(self):
        self.seen = progress.Progress()

    def see(self, event, **res):
        self.seen.see({'event': event, 'event_data': {
            'host': 'a', 'task': 'Check', 'res': res}})

    def test_a_node_of_which_nothing_was_heard_is_silent(self):
        self.see('runner_on_unreachable', msg=TO + 'No route to host')
        self.assertEqual({'a'}, self.seen.silent)

    def test_a_node_that_has_answered_is_not_silent_later(self):
        self.see('runner_on_ok',
                 stdout='{"baas": {"verb": "check", "result": {}}}')
        self.see('runner_on_unreachable', msg=TO + 'No route to host')
        self.assertEqual((set(), ['a']), (self.seen.silent,
                                          list(self.seen.failures)))

    def test_a_node_that_has_failed_is_not_silent_later(self):
        self.see('runner_on_failed', msg='No room.')
        self.see('runner_on_unreachable', msg=TO + 'No route to host')
        self.assertEqual(set(), self.seen.silent)

    def test_a_run_that_failed_for_others_too_has_not_ended_well(self):
        self.see('runner_on_unreachable', msg=TO + 'No route to host')
        self.seen.failures['b'] = {'cause': 'No.', 'hint': None}
        self.seen.status = 'failed'
        self.seen.leave_out(['a'])
        self.assertEqual(('failed', ['b']), (self.seen.status,
                                             list(self.seen.failures)))
        self.seen.leave_out(['b'])
        self.assertEqual('successful', self.seen.status)
