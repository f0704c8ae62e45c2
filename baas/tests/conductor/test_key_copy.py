# SPDX-License-Identifier: Apache-2.0
"""Each set warns until somebody has shown a copy of the master key."""
from oslo_config import cfg
import sqlalchemy as sa

from baas.db import clouds
from baas.db import events
from baas.db import session
from baas import keys
from baas.requests import submit
from baas.tests.conductor import base


class KeyCopyTest(base.ConductorTest):

    def setUp(self):
        super().setUp()
        with session.writer() as connection:
            connection.execute(sa.update(clouds.CLOUDS).values(
                key_copied=None))

    def warned(self):
        job = self.run_job(submit.backup('undercloud', stopall=False))
        self.assertEqual('done', job.state, job.error_cause)
        return keys.NOT_COPIED in [
            row.message for row in events.page(job.id, limit=500)
            if row.level == 'warning']

    def test_it_does_until_then_and_for_another_key_again(self):
        self.assertTrue(self.warned())
        clouds.confirm_copy(keys.load(cfg.CONF.payload.key_file))
        self.assertFalse(self.warned())
        with session.writer() as connection:
            connection.execute(sa.update(clouds.CLOUDS).values(
                key_copied='0123456789abcdef'))
        self.assertTrue(self.warned())
