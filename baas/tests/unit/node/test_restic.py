# SPDX-License-Identifier: Apache-2.0
import unittest

from baas.tests.unit.node import base
from baas.tests.unit.node import contract
from baas.tests.unit.node import disks


class ResticPayload:
    """What a contract asks of a test with the payload ``restic``."""

    tools = {'restic': disks.RESTIC}
    secrets = {'password': 'secret\n'}

    def told(self):
        return {'payload': 'restic', 'restic_args': [],
                'repository': self.path('repository')}

    def of_restore(self, captured):
        return {name: captured[name]
                for name in ('snapshot', 'files_snapshot')}


@unittest.skipIf(disks.why_not(), disks.why_not())
class ResticTest(ResticPayload, contract.PayloadContract, base.NodeTest):

    def test_a_wrong_password_is_told_from_a_missing_repository(self):
        self.do('prepare')
        self.write('run/%s/password' % base.JOB, 'wrong\n')
        status, said = self.call('prepare', '--epoch', '1', **self.options)
        self.assertEqual(1, status)
        self.assertIn('key', said['error']['hint'])
        self.assertNotIn('wrong\n', str(said))
