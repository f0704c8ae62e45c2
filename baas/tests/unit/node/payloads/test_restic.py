# SPDX-License-Identifier: Apache-2.0
import os
import signal
import subprocess
import time
import unittest

from baas.tests.unit import cheap_key
from baas.tests.unit.node import base
from baas.tests.unit.node import loopdisks
from baas.tests.unit.node.payloads import contract
from baas.tests.unit.node.payloads import filling
from baas.tests.unit.node.payloads import measured


class ResticPayload:
    """What a contract asks of a test with the payload ``restic``."""

    tools = {'restic': loopdisks.RESTIC}
    secrets = {'password': 'secret\n'}

    def told(self):
        return {'payload': 'restic', 'restic_args': [],
                'repository': self.path('repository')}

    def of_restore(self, captured):
        return {name: captured[name]
                for name in ('snapshot', 'files_snapshot')}


@unittest.skipIf(loopdisks.why_not(), loopdisks.why_not())
class ResticTest(ResticPayload, contract.PayloadContract,
                 filling.FillingContract, measured.MeasuredContract,
                 base.NodeTest):

    def setUp(self):
        super().setUp()
        cheap_key.repository(self.path('repository'), 'secret')

    def test_a_repository_is_made_where_there_is_none(self):
        options = {'repository': self.path('another')}
        self.assertEqual([True, False], [
            self.do('prepare', **options)['new_repository']
            for _time in range(2)])
        self.assertIn('config', os.listdir(self.path('another')))

    def test_a_wrong_password_is_told_from_a_missing_repository(self):
        self.do('prepare')
        self.write('run/%s/password' % base.JOB, 'wrong\n')
        status, said = self.call('prepare', '--epoch', '1', **self.options)
        self.assertEqual(1, status)
        self.assertIn('key', said['error']['hint'])
        self.assertNotIn('wrong\n', str(said))

    def test_a_lock_that_an_earlier_job_could_not_remove_goes_with_the_next(
            self):
        self.backup()
        self.leave_a_lock()
        # An earlier job is one of another name.
        self.write('node/var/lib/baas-node/files/reader.json',
                   '"%s"' % base.OTHER)
        # The storage is away when that job is released.
        self.write('run/%s/capture.json' % base.JOB, '{"state": "error"}')
        os.rename(self.path('repository'), self.path('away'))
        self.assertFalse(self.do('release')['unlocked'])
        os.rename(self.path('away'), self.path('repository'))
        self.hand_over()
        self.backup(backup='b-2')
        self.assertEqual([], os.listdir(self.path('repository', 'locks')))
        self.assertTrue(self.do('release')['unlocked'])

    def leave_a_lock(self):
        """Kill restic while it waits for what it is to store."""
        process = subprocess.Popen(
            [loopdisks.RESTIC, '-q', '-r', self.path('repository'),
             '--password-file', self.path('run', base.JOB, 'password'),
             'backup', '--stdin'], stdin=subprocess.PIPE)
        # A file that is not whole yet has another name, which stays.
        while not [name for name in os.listdir(
                self.path('repository', 'locks')) if 'tmp' not in name]:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdin.close()
