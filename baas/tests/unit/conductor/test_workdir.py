# SPDX-License-Identifier: Apache-2.0
import shutil

from baas.conductor import workdir
from baas.tests.unit.db import database
from baas.tests.unit.storage import places


class WipeTest(database.DatabaseTest):

    def test_secrets_that_cannot_be_removed_are_told_to_the_log(self):
        left = workdir.Workdir('11111111-1111-4111-8111-111111111111')
        left.secret('node', 'password', b'x')
        with (places.read_only(left.secrets),
              self.assertLogs(workdir.LOG.logger, 'ERROR') as logged):
            workdir.tidy(lambda _id: False)
        self.assertIn(f'Secrets are left in {left.secrets}',
                      logged.output[0])
        with self.assertNoLogs(workdir.LOG.logger, 'ERROR'):
            workdir.tidy(lambda _id: False)
        self.assertFalse(left.secrets.exists())
        shutil.rmtree(left.path)
