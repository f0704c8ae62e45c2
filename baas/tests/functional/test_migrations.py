# SPDX-License-Identifier: Apache-2.0
"""The schema that migrations make, and the one that models describe."""
import datetime
import pathlib
import unittest

from alembic import autogenerate
from alembic.runtime import migration as alembic
import sqlalchemy as sa

from baas.db import backups
from baas.db import migration
from baas.db import models
from baas.db.retention import cleanups
from baas.db import session
from baas.tests import fixtures

OLD = sa.table('backups', *[
    sa.column(name) for name in (
        'id', 'set_id', 'name', 'target', 'node', 'status', 'payload',
        'stopall', 'created_at', 'location_url', 'outage_seconds')])
"""The columns of a backup that the first version filled."""


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
                context, cleanups.CLEANUPS.metadata))

    def test_a_second_upgrade_keeps_what_is_there(self):
        id = fixtures.add_backup()
        migration.upgrade()
        with session.reader() as connection:
            rows = connection.execute(models.Backup.__table__.select()).all()
        self.assertEqual([id], [row.id for row in rows])

    def test_a_history_of_before_outages_is_kept(self):
        with session.engine().begin() as connection:
            models.Base.metadata.drop_all(connection)
            connection.execute(sa.text('DROP TABLE alembic_version'))
        migration.upgrade('0001')
        with session.writer() as connection:
            for id, stopall in (('quiesced', True), ('ran', False)):
                connection.execute(OLD.insert().values(
                    id=id, set_id='set', name='nightly', target='overcloud',
                    node='controller-0', status='available', payload='x',
                    stopall=stopall, created_at=datetime.datetime(2026, 1, 1),
                    location_url='file:///backup', outage_seconds=2.5))
        migration.upgrade()
        self.assertEqual(('stop', 2.5, None), (
            backups.get('quiesced').quiesce_mode,
            backups.get('quiesced').outage_seconds,
            backups.get('quiesced').service_outages))
        self.assertIsNone(backups.get('ran').quiesce_mode)

    def test_the_version_is_the_newest(self):
        self.assertEqual(migration.newest(), migration.version())

    def test_the_newest_is_the_last_file(self):
        versions = pathlib.Path(migration.__file__).parent / 'migrations' / (
            'versions')
        last = max(path.name for path in versions.glob('0*.py'))
        self.assertEqual(last.partition('_')[0], migration.newest())
