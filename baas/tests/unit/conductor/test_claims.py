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
from baas.runner import playbook
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
        steps.move(steps.by_job(job.id)[0].id, 'start')
        jobs.take_over(job.id, job.epoch, 'heir', 600)
        self.assertRaises(boot_undos.LeaseLost, left.handler.close)
        self.assertFalse(backups.close_backups(job, 'No.', job.epoch))
        self.assertEqual('deleting', backups.get(id).status)
        self.assertTrue(backups.close_backups(job, 'No.', job.epoch + 1))
        self.assertEqual('error', backups.get(id).status)

    def test_who_comes_too_late_takes_nothing_over(self):
        seen = jobs.get(self.job_id)
        heir = self.take_over()
        recovery.take_over(seen)
        row = jobs.get(self.job_id)
        self.assertEqual(('running', 'heir', heir.epoch),
                         (row.state, row.owner, row.epoch))

    def test_who_is_followed_while_it_undoes_leaves_the_rest_to_its_heir(
            self):
        with session.writer() as connection:
            connection.execute(sa.update(steps.STEPS).values(state='running'))
        self.take_over()
        recovery._undo_and_close(self.first)
        self.assertTrue(self.first.lease.lost.is_set())
        self.assertEqual({'running'},
                         {row.state for row in steps.by_job(self.job_id)})
        self.assertEqual('running', jobs.get(self.job_id).state)

    def test_a_job_without_backups_is_closed_by_its_heir_alone(self):
        job = jobs.claim(self.job('undercloud').id, 'first', 600)
        left = self.work(job)
        jobs.take_over(job.id, job.epoch, 'heir', 600)
        left.close()
        self.assertTrue(left.lease.lost.is_set())
        self.assertEqual('running', jobs.get(job.id).state)

    def test_who_knows_that_it_lost_the_claim_writes_nothing(self):
        self.first.lease.give_up()

        def act(_left):
            raise submit.errors.Conflict(reason='No', remedy='Do')

        supervisor.attend(self.first.job, self.first.lease, threading.Event(),
                          cfg.CONF, act)
        self.assertEqual('creating', self.backup().status)
        self.assertEqual('running', jobs.get(self.job_id).state)

    def test_who_learns_of_its_heir_from_a_refusal_gives_up(self):
        id = fixtures.add_backup(target='undercloud', node='undercloud-0')
        job = jobs.claim(submit.delete(id).id, 'first', 600)
        held = lease.Lease(job, 600)
        jobs.take_over(job.id, job.epoch, 'heir', 600)
        supervisor.attend(job, held, threading.Event(), cfg.CONF,
                          lambda left: left.handler.close())
        self.assertTrue(held.lost.is_set())
        self.assertEqual('deleting', backups.get(id).status)

    def test_a_clean_up_that_is_taken_over_meanwhile_forgets_nothing(self):
        cfg.CONF.set_override('delete_delay', '0', 'cleanups')
        self.addCleanup(cfg.CONF.clear_override, 'delete_delay', 'cleanups')
        policy = fixtures.add_cleanup(target='undercloud', keep_last=1)
        ids = [fixtures.add_backup(target='undercloud', node='undercloud-0',
                                   set_size=1, number=number)
               for number in range(2)]
        job = jobs.claim(submit.cleanup(policy).id, 'first', 600)
        left = self.work(job)

        def run(*_words, **_options):
            jobs.take_over(job.id, job.epoch, 'heir', 600)
            seen = progress.Progress()
            seen.status = 'successful'
            seen.results = {'undercloud-0': {'remove': {}}}
            return seen

        self.addCleanup(setattr, playbook, 'run', playbook.run)
        playbook.run = run
        left.carry_out()
        self.assertTrue(left.lease.lost.is_set())
        self.assertEqual(['deleting', 'available'],
                         [backups.get(id).status for id in ids])
        self.assertEqual(['running'],
                         [row.state for row in steps.by_job(job.id)])

    def test_a_run_that_failed_for_no_node_tells_what_ansible_said(self):
        seen = progress.Progress()
        seen.status, seen.trouble = 'failed', 'the playbook cannot be read'
        run = step_run.StepRun(
            'backup', steps.by_job(self.job_id)[0], self.first.handler,
            self.first.lease, self.first._log)
        found = run.judge(seen)
        self.assertEqual(
            'Ansible could not run the step: the playbook cannot be read',
            found.cause)
        self.assertIn(self.job_id, found.hint)

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
        self.assertLess(time.monotonic() - begun, 60)

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
