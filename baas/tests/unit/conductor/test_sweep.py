# SPDX-License-Identifier: Apache-2.0
"""What a sweep does when one of its duties cannot be done."""
import datetime

from oslo_config import cfg
import sqlalchemy as sa

from baas.conductor import log_spool
from baas.conductor import server
from baas.conductor import workdir
from baas.db import events
from baas.db import jobs
from baas.db import models
from baas.db import session
from baas.tests import fixtures
from baas.tests.unit.db import database

PAST = datetime.datetime(2026, 1, 1)


class SweepTest(database.DatabaseTest):

    def setUp(self):
        super().setUp()
        self.begun = []
        self.conductor = server.Conductor(cfg.CONF, bus=False)
        self.conductor.take = (
            lambda job_id, act=None: self.begun.append((job_id, bool(act))))
        self.addCleanup(cfg.CONF.clear_override, 'inventory', 'runner')

    def lost(self):
        """Write a job of a conductor that died; give its id."""
        return fixtures.add_job(
            kind='check', state='running', finished_at=None,
            holds='overcloud', owner='dead', lease_until=PAST)

    def boot_undo(self, node='controller-0'):
        """Write an undo of a restore that has ended; give the restore."""
        restore = fixtures.add_job(kind='restore', state='error', node=node)
        with session.writer() as connection:
            connection.execute(sa.insert(models.BootUndo.__table__).values(
                job_id=restore, node=node, method='pxe', undo={'entries': {}},
                created_at=PAST))
        return restore

    def test_a_boot_undo_that_cannot_be_asked_for_keeps_no_job_waiting(self):
        self.boot_undo()
        lost, queued = self.lost(), self.job('undercloud').id
        cfg.CONF.set_override('inventory', '/nonexistent/inventory', 'runner')
        for turn in range(2):
            with self.subTest(turn=turn):
                self.begun.clear()
                self.conductor.sweep()
                self.assertIn((lost, True), self.begun)
                self.assertIn((queued, False), self.begun)

    def test_a_boot_undo_that_cannot_be_asked_for_keeps_no_other_waiting(self):
        self.boot_undo()
        restore = self.boot_undo('undercloud-0')
        with session.writer() as connection:
            connection.execute(sa.text(
                "CREATE TRIGGER no BEFORE INSERT ON jobs WHEN new.node = "
                "'controller-0' BEGIN SELECT RAISE(ABORT, 'refused'); END"))
        self.conductor.sweep()
        self.assertEqual(
            [restore], [job.options['restore'] for job in jobs.page(
                filters={'kind': 'boot-cleanup'})])

    def test_a_folder_that_cannot_be_tidied_keeps_no_job_waiting(self):
        queued = self.job().id
        place = workdir.root().parent
        workdir.root().rmdir()
        folder_was = place / cfg.CONF.conductor.host
        folder_was.write_text('in the way')
        self.conductor.sweep()
        self.conductor.sweep()
        self.assertEqual([(queued, False)] * 2, self.begun)

    def test_no_job_counts_as_lost_right_after_the_database_was_away(self):
        lost = self.lost()
        self.conductor.sweep()
        self.assertEqual([(lost, True)], self.begun)
        self.begun.clear()
        with session.writer() as connection:
            connection.execute(sa.text('ALTER TABLE boot_undos RENAME TO '
                                       'hidden'))
        self.conductor.sweep()
        self.assertEqual([(lost, True)], self.begun)
        with session.writer() as connection:
            connection.execute(sa.text('ALTER TABLE hidden RENAME TO '
                                       'boot_undos'))
        self.begun.clear()
        self.conductor.sweep()
        self.assertEqual([], self.begun)


class SpoolTest(database.DatabaseTest):

    def test_a_line_that_is_torn_keeps_no_other_waiting(self):
        job, path = self.job(), self.folder / 'log'
        path.write_text('{"message": "first", "at": 1}\n{"mess\n')
        log_spool.Spool(job.id, path).add('second')
        self.assertEqual(['first', 'second'], [
            row.message for row in events.page(job.id, limit=9)])
        self.assertFalse(path.exists())


class FolderTest(database.DatabaseTest):

    def test_a_file_among_the_folders_keeps_none_from_being_tidied(self):
        left = workdir.Workdir('11111111-1111-4111-8111-111111111111')
        left.secret('node', 'password', b'x')
        (workdir.root() / 'a-file').write_text('of somebody')
        (workdir.root() / 'nowhere').symlink_to('/nonexistent')
        workdir.tidy(lambda _id: False)
        self.assertFalse(left.secrets.exists())
