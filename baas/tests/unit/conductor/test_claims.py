# SPDX-License-Identifier: Apache-2.0
"""What a conductor still does after another one has its job."""
import contextlib
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import uuid

from oslo_config import cfg
import sqlalchemy as sa

from baas.conductor import executor
from baas.conductor import lease
from baas.conductor import recovery
from baas.conductor import step_run
from baas.conductor import supervisor
from baas.db import backups
from baas.db import boot_undos
from baas.db import events
from baas.db import jobs
from baas.db import session
from baas.db import steps
from baas.jobs import plans
from baas.requests import submit
from baas.runner import progress
from baas.tests import fixtures
from baas.tests.unit.db import database


class ClaimTest(database.DatabaseTest):
    """Has a job that `first` works on, and that is taken over by `heir`."""

    def setUp(self):
        super().setUp()
        cfg.CONF.set_override('key_file', str(self.folder / 'key'), 'payload')
        self.addCleanup(cfg.CONF.clear_override, 'key_file', 'payload')
        self.job_id = str(uuid.uuid4())
        self.job(id=self.job_id,
                 steps=[step.name for step in plans.build('backup')],
                 backups=[self.columns(self.job_id)])
        self.first = self.work(jobs.claim(self.job_id, 'first', 600))

    def work(self, row):
        return executor.Executor(row, lease.Lease(row, 600), threading.Event())

    def take_over(self):
        """Let another conductor take the job over; give its row."""
        return jobs.take_over(self.job_id, self.first.lease.epoch, 'heir', 600)

    def backup(self):
        return backups.by_set(self.job_id)[0]

    def test_who_was_frozen_before_it_writes_marks_nothing_as_failed(self):
        heir = self.take_over()
        self.first.fail('It was cut off.')
        self.first.close()
        self.assertEqual('creating', self.backup().status)
        self.assertTrue(self.first.lease.lost.is_set())
        self.assertTrue(backups.move(self.backup().id, 'finish',
                                     epoch=heir.epoch))

    def test_who_is_frozen_in_the_very_write_marks_nothing_as_failed(self):
        with contextlib.closing(sqlite3.connect(
                self.folder / 'baas.sqlite', isolation_level=None)) as lock:
            lock.execute('PRAGMA journal_mode=DELETE')
            lock.execute('BEGIN IMMEDIATE')
            sleeper = subprocess.Popen(
                [sys.executable, '-W', 'ignore', '-m',
                 'baas.tests.unit.conductor.frozen', str(self.folder),
                 self.job_id, str(self.first.lease.epoch)],
                stdout=subprocess.PIPE, text=True)
            with sleeper:
                self.addCleanup(sleeper.kill)
                self.assertEqual('closing\n', sleeper.stdout.readline())
                time.sleep(1)  # its change waits for the lock by now
                sleeper.send_signal(signal.SIGSTOP)
                lock.execute('ROLLBACK')
                heir = self.take_over()
                sleeper.send_signal(signal.SIGCONT)
                self.assertEqual('lost\n', sleeper.stdout.read())
        self.assertEqual('creating', self.backup().status)
        self.assertEqual(('running', 'heir'), (
            jobs.get(self.job_id).state, jobs.get(self.job_id).owner))
        self.assertTrue(backups.move(self.backup().id, 'finish',
                                     epoch=heir.epoch))

    def test_a_step_that_may_not_start_is_not_run(self):
        asked = []
        self.first.handler.variables = lambda *args: asked.append(args)
        self.take_over()
        self.first.carry_out()
        self.assertTrue(self.first.lease.lost.is_set())
        self.assertEqual({'waiting'},
                         {row.state for row in steps.by_job(self.job_id)})
        self.assertEqual([], asked)

    def test_a_backup_that_is_not_ones_own_any_more_is_not_announced(self):
        self.take_over()
        seen = progress.Progress()
        seen.results = {'controller-0': {
            'capture': {'snapshot': 'ab'}, 'verify': {'manifest_sha256': '0'}
        }}
        self.assertRaises(boot_undos.LeaseLost,
                          self.first.handler.step_finished, 'verify', seen)
        self.assertEqual('creating', self.backup().status)

    def test_who_could_not_even_begin_closes_nothing_of_its_heir(self):
        self.take_over()

        def act(_left):
            raise submit.errors.Conflict(reason='No', remedy='Do')

        supervisor.attend(self.first.job, self.first.lease, threading.Event(),
                          cfg.CONF, act)
        self.assertEqual('creating', self.backup().status)
        self.assertEqual('running', jobs.get(self.job_id).state)
        self.assertEqual([], events.page(self.job_id, limit=9))

    def test_a_delete_that_was_taken_over_forgets_nothing(self):
        id = fixtures.add_backup(target='undercloud', node='undercloud-0')
        job = jobs.claim(submit.delete(id).id, 'first', 600)
        left = self.work(job)
        jobs.take_over(job.id, job.epoch, 'heir', 600)
        self.assertRaises(boot_undos.LeaseLost, left.handler.close)
        self.assertFalse(backups.close_backups(job, 'No.', job.epoch))
        self.assertEqual('deleting', backups.get(id).status)
        self.assertTrue(backups.close_backups(job, 'No.', job.epoch + 1))
        self.assertEqual('error', backups.get(id).status)

    def test_who_died_while_it_closed_a_job_leaves_one_that_can_be_closed(
            self):
        """Whatever the states in which the steps were left."""
        for left in (('done', 'done'), ('error', 'done'),
                     ('error', 'skipped'), ('skipped', 'skipped')):
            with self.subTest(left=left):
                states = {'check': left[0], 'release': left[1]}
                with session.writer() as connection:
                    for row in steps.by_job(self.job_id):
                        connection.execute(
                            sa.update(steps.STEPS)
                            .where(steps.STEPS.c.id == row.id)
                            .values(state=states.get(row.name, 'skipped')))
                row = jobs.get(self.job_id)
                with session.writer() as connection:
                    connection.execute(
                        sa.update(jobs.JOBS)
                        .where(jobs.JOBS.c.id == self.job_id)
                        .values(state='running', holds='overcloud',
                                lease_until=session.utcnow(-60)))
                recovery.take_over(row)
                self.assertEqual(('error', row.epoch + 1), (
                    jobs.get(self.job_id).state, jobs.get(self.job_id).epoch))

    def test_a_service_told_to_stop_waits_for_no_database(self):
        with session.writer() as connection:
            connection.execute(sa.text('ALTER TABLE jobs RENAME TO hidden'))
        self.first.stopping.set()
        begun = time.monotonic()
        step_run.await_database(self.job_id, self.first.lease.lost,
                                self.first.stopping)
        self.assertLess(time.monotonic() - begun, 5)

    def test_lines_of_a_step_are_written_once_although_one_is_refused(self):
        seen = progress.Progress()
        seen.notes = [('info', None, 'one'), ('info', None, {'no': 'text'}),
                      ('info', None, 'three')]
        run = step_run.StepRun(
            'backup', steps.by_job(self.job_id)[0], self.first.handler,
            self.first.lease, self.first._log)
        run.take_down(seen)
        run.take_down(seen)
        self.assertEqual(['one', 'three'], [
            row.message for row in events.page(self.job_id, limit=9)])
