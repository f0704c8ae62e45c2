# SPDX-License-Identifier: Apache-2.0
"""What is said before an upgrade of a service that is not well."""
import contextlib
import shutil
import sqlite3

import fixtures
from oslo_config import cfg
from oslo_db.sqlalchemy import enginefacade
from oslo_upgradecheck import upgradecheck

from baas.cmd import status
from baas.db import migration
from baas.tests.unit.db import database

GOOD, BAD = upgradecheck.Code.SUCCESS, upgradecheck.Code.FAILURE
DOUBTFUL = upgradecheck.Code.WARNING


class StatusTest(database.DatabaseTest):

    def setUp(self):
        super().setUp()
        # As in a program that has just begun.
        facade = fixtures.MonkeyPatch('baas.db.session._facade',
                                      enginefacade.transaction_context())
        facade.setUp()
        self.addCleanup(facade.cleanUp)
        self.checks = status.Checks()
        self.addCleanup(cfg.CONF.clear_override, 'inventory', 'runner')

    def demand(self, code, words, result):
        """See how a check has ended, and that it says these words."""
        self.assertEqual((code, True), (
            result.code, words in (result.details or '')), result.details)

    def test_a_schema_of_now_is_well(self):
        self.demand(GOOD, '', self.checks._database())

    def test_a_schema_of_before_is_told_with_the_command(self):
        with contextlib.closing(sqlite3.connect(
                self.folder / 'baas.sqlite')) as other, other:
            other.execute("UPDATE alembic_version SET version_num = '0001'")
        self.demand(BAD, f'The schema is at 0001, not {migration.newest()}',
                    self.checks._database())

    def test_a_storage_is_tried_and_not_only_named(self):
        self.demand(GOOD, '', self.checks._storage())
        shutil.rmtree(self.folder / 'storage')
        self.demand(BAD, str(self.folder), self.checks._storage())

    def test_a_node_that_cannot_be_used_is_a_warning(self):
        self.demand(GOOD, '', self.checks._inventory())
        path = self.folder / 'hosts.yaml'
        path.write_text('Controller: {hosts: {a: {ansible_port: ssh}}}\n')
        cfg.CONF.set_override('inventory', str(path), 'runner')
        self.demand(DOUBTFUL, "ansible_port of a is 'ssh'",
                    self.checks._inventory())
