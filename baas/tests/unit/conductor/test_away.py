# SPDX-License-Identifier: Apache-2.0
"""What becomes of the work of a conductor while its database is away."""
import contextlib
import datetime
import threading
import time
import uuid

from oslo_config import cfg
from oslo_db import exception as db_exception
import sqlalchemy as sa

from baas.conductor import boot_cleanup
from baas.conductor import executor
from baas.conductor import lease
from baas.conductor import presence
from baas.conductor.schedules import scheduler
from baas.conductor import server
from baas.conductor import step_run
from baas.db import conductors
from baas.db import jobs
from baas.db import models
from baas.db import session
from baas.db import steps
from baas.runner import progress
from baas.tests import fixtures
from baas.tests.unit.db import database

PAST = datetime.datetime(2026, 1, 1)


class AwayTest(database.DatabaseTest):

    def setUp(self):
        super().setUp()
        for name, value in (('host', 'one'), ('lease', 6)):
            cfg.CONF.set_override(name, value, 'conductor')
            self.addCleanup(cfg.CONF.clear_override, name, 'conductor')

    @contextlib.contextmanager
    def away(self, table):
        """Have a table away, as far as whoever asks for it can tell."""
        self.rename(table, 'hidden')
        try:
            yield
        finally:
            self.rename('hidden', table)

    def rename(self, old, new):
        with session.writer() as connection:
            connection.execute(sa.text(f'ALTER TABLE {old} RENAME TO {new}'))

    def assertAway(self, call, *words):
        """Demand that the absence is told to who called."""
        with self.assertRaises(db_exception.DBNonExistentTable) as caught:
            call(*words)
        self.assertTrue(session.is_away(caught.exception))


class DutyTest(AwayTest):
    """What is no fault of one boot undo or one schedule ends the look."""

    def test_boot_undos_are_left_for_the_next_look(self):
        restore = fixtures.add_job(kind='restore', state='error',
                                   node='controller-0')
        with session.writer() as connection:
            connection.execute(sa.insert(models.BootUndo.__table__).values(
                job_id=restore, node='controller-0', method='pxe',
                undo={'entries': {}}, created_at=PAST))
        with self.away('steps'):
            self.assertAway(boot_cleanup.collect)
        self.assertEqual(0, self.cleanups())
        boot_cleanup.collect()
        self.assertEqual(1, self.cleanups())

    def cleanups(self):
        """Count the jobs that put back what a restore has changed."""
        return len(jobs.page(filters={'kind': 'boot-cleanup'}))

    def test_schedules_are_left_for_the_next_look(self):
        fixtures.add_schedule(seen_at=PAST)
        with self.away('schedule_runs'):
            self.assertAway(scheduler.begin_due)
        self.assertEqual([], jobs.page())
        scheduler.begin_due()
        self.assertEqual(1, len(jobs.page()))


class PresenceTest(AwayTest):

    def until(self, check):
        """Wait for something."""
        until = time.monotonic() + 60
        while not check():
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)

    def test_who_cannot_sign_off_gives_its_lock_back_all_the_same(self):
        first = presence.Presence(cfg.CONF)
        first.take()
        with (self.away('conductors'),
              self.assertLogs(presence.LOG.logger, 'WARNING') as logged):
            first.leave()
        self.assertIn('Conductor one could not sign off', logged.output[0])
        second = presence.Presence(cfg.CONF)
        second.take()
        self.addCleanup(second.leave)
        self.assertTrue(second.was_dead)

    def test_a_heart_goes_on_when_the_database_is_back(self):
        conductor = server.Conductor(cfg.CONF, bus=False)
        conductor.presence.take()
        heart = threading.Thread(target=conductor._beat_on)
        with self.assertLogs(server.LOG.logger, 'WARNING') as logged:
            with self.away('conductors'):
                heart.start()
                self.until(lambda: logged.records)
            self.assertIn('The heartbeat of conductor one failed',
                          logged.output[0])
        with session.writer() as connection:
            connection.execute(sa.delete(models.Conductor.__table__))
        self.until(lambda: conductors.alive(600))
        conductor._ended.set()
        heart.join()
        conductor.presence.leave()
        self.assertFalse(conductor.replaced)

    def test_one_job_that_cannot_be_worked_on_keeps_no_thread(self):
        conductor = server.Conductor(cfg.CONF, bus=False)
        with self.assertLogs(server.LOG.logger, 'ERROR') as logged:
            for _time in range(cfg.CONF.conductor.workers + 1):
                conductor.take('of-nobody', lambda: 1 / 0)
                self.until(lambda: not conductor._at_work)
        self.assertEqual(cfg.CONF.conductor.workers + 1, len(logged.output))
        self.assertIn('Job of-nobody could not be worked on',
                      logged.output[0])
        conductor._pool.shutdown()


class StepTest(AwayTest):
    """Has a job at its first step."""

    def setUp(self):
        super().setUp()
        cfg.CONF.set_override('key_file', str(self.folder / 'key'), 'payload')
        self.addCleanup(cfg.CONF.clear_override, 'key_file', 'payload')
        id = str(uuid.uuid4())
        self.job(id=id, backups=[self.columns(id)], options={
            'stopall': False})
        self.claimed = jobs.claim(id, 'one', 600)
        self.left = executor.Executor(
            self.claimed, lease.Lease(self.claimed, 600), threading.Event())
        self.step = steps.by_job(id)[0]
        self.play = step_run.StepRun('backup', self.step, self.left.handler,
                                     self.left.lease, self.left._log)
        self.seen = progress.Progress()

    def test_progress_that_cannot_be_written_costs_nothing_but_itself(self):
        steps.move(self.step.id, 'start')
        with self.away('steps'):
            self.seen.task = 'unseen'
            self.play._changed(self.seen)
        self.seen.task = 'seen'
        self.play._changed(self.seen)
        self.assertEqual('seen', steps.by_job(self.claimed.id)[0].task)

    def test_progress_that_is_none_is_no_absence_of_the_database(self):
        steps.move(self.step.id, 'start')
        self.seen.nodes = {'controller-0': {'percent': 1, 'odd': object()}}
        with self.assertRaisesRegex(Exception, 'JSON') as caught:
            self.play._write(self.seen)
        self.assertFalse(session.is_away(caught.exception))

    def test_a_step_that_cannot_ask_the_database_fails_and_says_so(self):
        with self.away('clouds'):
            self.left._step(self.step, lambda: False)
        self.assertEqual(
            'The database of the service did not answer.',
            self.left.failure.cause)
        self.assertEqual('error', steps.by_job(self.claimed.id)[0].state)

    def test_the_end_of_a_step_waits_until_the_database_is_back(self):
        waiting = threading.Thread(
            target=step_run.await_database,
            args=(self.claimed.id, self.left.lease.lost, threading.Event()))
        with self.away('jobs'):
            waiting.start()
            time.sleep(0.2)
            self.assertTrue(waiting.is_alive())
        waiting.join(60)
        self.assertFalse(waiting.is_alive())

    def test_another_error_is_not_waited_for(self):
        with self.assertRaises(db_exception.DBError) as caught:
            step_run.await_database(object(), self.left.lease.lost,
                                    threading.Event())
        self.assertFalse(session.is_away(caught.exception))
