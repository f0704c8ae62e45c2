# SPDX-License-Identifier: Apache-2.0
"""The schema that migrations make, and the one that models describe."""
import unittest

from alembic import autogenerate
from alembic.runtime import migration as alembic

from baas.db import migration
from baas.db import models
from baas.db import session
from baas.tests import fixtures


class MigrationTest(unittest.TestCase):

    def setUp(self):
        service = fixtures.BaasFixture(auth='noauth')
        service.setUp()
        self.addCleanup(service.cleanUp)

    def test_migrations_make_what_models_describe(self):
        with session.engine().connect() as connection:
            context = alembic.MigrationContext.configure(
                connection, opts={'compare_type': True})
            self.assertEqual([], autogenerate.compare_metadata(
                context, models.Base.metadata))

    def test_a_second_upgrade_keeps_what_is_there(self):
        id = fixtures.add_backup()
        migration.upgrade()
        with session.reader() as connection:
            rows = connection.execute(models.Backup.__table__.select()).all()
        self.assertEqual([id], [row.id for row in rows])

    def test_the_version_is_the_newest(self):
        self.assertEqual('0001', migration.version())
