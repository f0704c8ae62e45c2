# SPDX-License-Identifier: Apache-2.0
"""A history that was written before words changed is kept under the new."""
import datetime

import sqlalchemy as sa
import testtools

from baas.db import boot_undos
from baas.db import jobs
from baas.db import migration
from baas.db import models
from baas.db import session
from baas.db import steps
from baas.tests import fixtures

WHEN = datetime.datetime(2026, 1, 1)
JOBS = sa.table('jobs', *map(sa.column, (
    'id', 'kind', 'state', 'target', 'epoch', 'created_at', 'error_step')),
    sa.column('options', sa.JSON), sa.column('plan', sa.JSON))
STEPS = sa.table('steps', *map(sa.column, (
    'job_id', 'position', 'name', 'state', 'percent')),
    sa.column('nodes', sa.JSON))
DEBTS = sa.table('debts', *map(sa.column, (
    'job_id', 'node', 'method', 'created_at')), sa.column('owed', sa.JSON))


class TestMigrationOfWords(testtools.TestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.BaasFixture())
        with session.engine().begin() as connection:
            models.Base.metadata.drop_all(connection)
            connection.execute(sa.text('DROP TABLE alembic_version'))
        migration.upgrade('0004')

    def write(self, kind, step):
        with session.writer() as connection:
            connection.execute(JOBS.insert().values(
                id=kind, kind=kind, state='error', target='overcloud',
                epoch=1, created_at=WHEN, error_step=step, options={},
                plan={'sentences': []}))
            connection.execute(STEPS.insert().values(
                job_id=kind, position=0, name=step, state='error',
                percent=0, nodes={}))

    def test_kinds_and_steps_have_their_new_names(self):
        for kind, step in (('put-back', 'put_back'), ('plan', 'plan'),
                           ('plan-set', 'plan'), ('backup', 'moment')):
            self.write(kind, step)
        migration.upgrade()
        self.assertEqual(
            [('boot-cleanup', 'boot_cleanup', 'boot_cleanup', None),
             ('restore-plan', 'plan', 'plan', None),
             ('restore-set-plan', 'plan', 'plan', None),
             ('backup', 'snapshot', 'snapshot', None)],
            [(jobs.get(id).kind, jobs.get(id).error_step,
              steps.by_job(id)[0].name, jobs.get(id).plan)
             for id in ('put-back', 'plan', 'plan-set', 'backup')])

    def test_what_boots_must_undo_is_kept(self):
        self.write('restore', 'rescue')
        with session.writer() as connection:
            connection.execute(DEBTS.insert().values(
                job_id='restore', node='controller-0', method='pxe',
                owed={'entries': {}}, created_at=WHEN))
        migration.upgrade()
        row = boot_undos.get('restore', 'controller-0')
        self.assertEqual(({'entries': {}}, None, 'pxe'),
                         (row.undo, row.undone_at, row.method))
