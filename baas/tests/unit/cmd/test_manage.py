# SPDX-License-Identifier: Apache-2.0
import os

from oslo_config import cfg

from baas.cmd import manage
from baas.conductor import presence
from baas.db import migration
from baas.db import session
from baas import errors
from baas.tests.unit.db import database


class SyncTest(database.DatabaseTest):

    def set_version(self, version):
        with session.writer() as connection:
            connection.exec_driver_sql(
                f"UPDATE alembic_version SET version_num = '{version}'")

    def test_a_schema_is_not_changed_under_who_works_with_it(self):
        manage._sync()  # there is nothing to do
        at_work = presence.Presence(cfg.CONF)
        at_work.take()
        manage._sync()
        self.set_version('0005')
        with self.assertRaises(errors.Conflict) as caught:
            manage._sync()
        self.assertIn(f'works with schema 0005: process {os.getpid()} on',
                      str(caught.exception))
        self.assertIn('Stop all conductors', caught.exception.hint)
        self.assertEqual('0005', migration.version())
        at_work.leave()
        manage._demand_quiet('0005')

    def test_of_before_nobody_knows_who_works(self):
        at_work = presence.Presence(cfg.CONF)
        at_work.take()
        self.addCleanup(at_work.leave)
        manage._demand_quiet('0004')
