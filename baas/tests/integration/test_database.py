# SPDX-License-Identifier: Apache-2.0
"""The schema on MariaDB: what migrations make, and what pages cost."""
import datetime
import unittest
import uuid

from alembic import autogenerate
from alembic.runtime import migration as alembic_migration
from oslo_db.sqlalchemy import enginefacade
import sqlalchemy as sa

from baas.db import backups
from baas.db import jobs
from baas.db import models
from baas.db import paging
from baas.db import restores
from baas.db.retention import cleanups
from baas.db import session
from baas.tests.integration import mariadb
from baas.tests.integration import process
from baas.tests.integration import service

BACKUPS = models.Backup.__table__
# In fewer rows MariaDB rather sorts them all.
FEW, MANY = 10000, 60000
SET, RESTORE = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
EPOCH = datetime.datetime(2030, 1, 1)


class SchemaTest(unittest.TestCase):
    """What `baas-manage db sync` makes of an empty database."""

    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(process.folder())
        cls.database = mariadb.MariaDB(folder)
        cls.addClassCleanup(cls.database.stop)
        cls.database.start()
        cls.service = service.Service(folder, cls.database.url,
                                      'kombu+memory://', 1)
        cls.service.manage('db', 'sync')
        cls.service.manage('key', 'create')
        cls.engine = sa.create_engine(cls.database.url)
        cls.addClassCleanup(cls.engine.dispose)

    def test_migrations_and_models_agree(self):
        with self.engine.connect() as connection:
            context = alembic_migration.MigrationContext.configure(
                connection, opts={'compare_type': True})
            self.assertEqual([], autogenerate.compare_metadata(
                context, cleanups.CLEANUPS.metadata))

    def test_syncing_again_changes_nothing(self):
        before = self.database.ask('SHOW CREATE TABLE baas.jobs')
        self.service.manage('db', 'sync')
        self.assertEqual(before,
                         self.database.ask('SHOW CREATE TABLE baas.jobs'))

    def test_times_keep_their_microseconds(self):
        columns = self.database.ask(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'baas' AND data_type = 'datetime' "
            "AND datetime_precision <> 6")
        self.assertEqual([], columns)

    def test_a_page_costs_the_same_in_a_history_of_any_length(self):
        for sort in ([('created_at', 'desc')], [('created_at', 'asc')]):
            with self.subTest(sort=sort):
                costs = {}
                for rows in (FEW, MANY):
                    self.fill(rows)
                    for place in ('first', 'deepest'):
                        costs[rows, place] = self.rows_read(
                            sort, self.marker(rows, place, sort))
                # What the engine itself counts: rows it has looked at.
                self.assertLess(max(costs.values()), 500, costs)

    def test_a_page_of_one_node_costs_the_same_too(self):
        self.fill(MANY)
        for name in ('node', 'target'):
            with self.subTest(filter=name):
                value = {'node': 'controller-1', 'target': 'overcloud'}[name]
                self.assertLess(self.rows_read(
                    [('created_at', 'desc')], None, {name: value}), 500)

    def test_restores_of_sets_are_found_by_their_nodes(self):
        self.use_it()
        taken = [dict(_backup(number), id=str(uuid.uuid4()), set_id=SET,
                      size_bytes=number) for number in range(3)]
        for backup in taken:
            del backup['status'], backup['created_at']
        jobs.create(_job(SET, 'backup', 'overcloud', stopall=False),
                    ['capture'], taken)
        jobs.create(_job(RESTORE, 'restore-set', 'undercloud', set_id=SET),
                    ['recover'])
        found = {node: [row.id for row in restores.page(
            filters={}, node=node, sort=[('created_at', 'desc')], limit=9)]
            for node in ('controller-1', 'controller-9')}
        self.assertEqual({'controller-1': [RESTORE], 'controller-9': []},
                         found)
        with self.engine.begin() as connection:
            connection.execute(sa.update(models.Job.__table__).values(
                state='done'))
        [row] = restores.done()
        self.assertEqual((RESTORE, 2), (row.id, row.size_bytes))

    def test_backups_are_found_by_labels_to_the_letter(self):
        self.use_it()
        set_id, odd = str(uuid.uuid4()), 'x:y,z "\u00fc\U0001f4be" '
        wanted = [{'ticket': '4711', 'why': 'update'},
                  {'ticket': '4711', 'why': 'Update'},
                  {'a.b-c_d': odd, 'null': 'null'}]
        taken = [dict(_backup(number), id=str(uuid.uuid4()), set_id=set_id,
                      labels=labels)
                 for number, labels in enumerate(wanted)]
        with self.engine.begin() as connection:
            connection.execute(sa.insert(BACKUPS), taken)
        for labels, found in (
                ([('ticket', '4711')], [0, 1]), ([('why', 'update')], [0]),
                ([('why', 'update '), ('ticket', '4711')], []),
                ([('ticket', '4711'), ('why', 'Update')], [1]),
                ([('a.b-c_d', odd), ('null', 'null')], [2]),
                ([('a', odd)], [])):
            self.assertEqual(
                {taken[number]['id'] for number in found},
                {row.id for row in backups.page(labels=labels)}, labels)

    def use_it(self):
        """Have this process ask the database of this test."""
        facade = enginefacade.transaction_context()
        facade.configure(connection=self.database.url)
        self.addCleanup(setattr, session, '_facade', session._facade)
        session._facade = facade

    def marker(self, rows, place, sort):
        """Give the id after which a page of 100 begins."""
        if place == 'first':
            return None
        direction = sort[0][1]
        order = [column.desc() if direction == 'desc' else column.asc()
                 for column in (BACKUPS.c.created_at, BACKUPS.c.id)]
        with self.engine.connect() as connection:
            return connection.execute(
                sa.select(BACKUPS.c.id).order_by(*order)
                .offset(rows - 101).limit(1)).scalar()

    def rows_read(self, sort, marker, filters=None):
        """Read a page; give how many rows the server touched for it."""
        with self.engine.connect() as connection:
            before = _rows_read(connection)
            page = paging.page(connection, BACKUPS, filters=filters or {},
                               sort=sort, limit=100, marker=marker)
            self.assertEqual(100, len(page))
            return _rows_read(connection) - before

    def fill(self, rows):
        """Have that many backups, many of the same time."""
        with self.engine.begin() as connection:
            have = connection.execute(
                sa.select(sa.func.count()).select_from(BACKUPS)).scalar()
            if have > rows:
                connection.execute(sa.delete(BACKUPS))
                have = 0
            for start in range(have, rows, 5000):
                connection.execute(sa.insert(BACKUPS), [
                    _backup(number)
                    for number in range(start, min(start + 5000, rows))])
        # What the planner knows is as old as the last look otherwise.
        with self.engine.begin() as connection:
            connection.execute(sa.text('ANALYZE TABLE backups')).all()


def _rows_read(connection):
    client_visible = connection.execute(sa.text(
        "SHOW SESSION STATUS LIKE 'Handler_read%'")).all()
    return sum(int(count) for _name, count in client_visible)


def _job(id, kind, target, **options):
    return {'id': id, 'kind': kind, 'target': target, 'holds': target,
            'options': options}


def _backup(number):
    return {'id': str(uuid.UUID(int=number * 0x9E3779B97F4A7C15 % 2 ** 128)),
            'set_id': str(uuid.UUID(int=number // 3)), 'name': 'nightly',
            'target': 'overcloud', 'node': f'controller-{number % 3}',
            'status': 'available', 'stopall': False, 'payload': 'restic',
            'created_at': EPOCH + datetime.timedelta(minutes=number // 3),
            'location_url': 'file:///srv/backup/controller'}


if __name__ == '__main__':
    unittest.main()
