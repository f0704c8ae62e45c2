# SPDX-License-Identifier: Apache-2.0
"""Several conductors at one tick, with MariaDB between them."""
import collections
import datetime
import threading
import uuid

from oslo_config import cfg
from oslo_db.sqlalchemy import enginefacade

from baas.conductor.schedules import follow
from baas.conductor.schedules import overdue
from baas.conductor.schedules import scheduler
from baas.db import jobs
from baas.db import migration
from baas.db.retention import cleanups
from baas.db.schedule import schedule_pings
from baas.db.schedule import schedule_runs
from baas.db.schedule import schedules
from baas.db import session
from baas import errors
from baas.requests import messaging
from baas.requests import schedules as requests
from baas.requests import submit
from baas.tests import fixtures
from baas.tests.integration import mariadb
from baas.tests.integration import process
from baas.tests.unit.db import database

AT_ONE = datetime.datetime(2026, 5, 4, 1)
CONDUCTORS, NIGHTS = 4, 15


class OneTickTest(database.DatabaseTest):

    def setUp(self):
        super().setUp()
        self.server = mariadb.MariaDB(self.enterContext(process.folder()))
        self.addCleanup(self.server.stop)
        self.server.start()
        facade = enginefacade.transaction_context()
        facade.configure(connection=self.server.url)
        self.addCleanup(setattr, session, '_facade', session._facade)
        session._facade = facade
        self.addCleanup(lambda: facade.writer.get_engine().dispose())
        migration.upgrade()
        self.addCleanup(messaging.deliver_to, None)
        messaging.deliver_to(lambda job_id: None)
        self.failed = []

    def sweep(self, together, now):
        together.wait()
        for _look in range(2):
            try:
                follow.begin_next(cfg.CONF)
                scheduler.begin_due(cfg.CONF, lambda: now)
                overdue.look(lambda: now)
            except Exception as error:
                # A deadlock is a reason to look again, as the sweep does.
                if not session.is_away(error):
                    self.failed.append(error)

    def night(self, now):
        """Have all conductors look at the same time."""
        together = threading.Barrier(CONDUCTORS)
        threads = [threading.Thread(target=self.sweep, args=(together, now))
                   for _ in range(CONDUCTORS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        scheduler.begin_due(cfg.CONF, lambda: now)

    def test_each_tick_has_one_job_however_many_conductors_there_are(self):
        seen = AT_ONE - datetime.timedelta(hours=1)
        for target in ('overcloud', 'undercloud'):
            fixtures.add_schedule(target=target, seen_at=seen)
        for night in range(NIGHTS):
            self.night(AT_ONE + datetime.timedelta(days=night))
            made = collections.Counter(
                job.target for job in jobs.page() if job.state == 'queued')
            self.assertEqual({'overcloud': 1, 'undercloud': 1}, made, night)
            for id in jobs.queued():
                jobs.claim(id, 'a', 60)
                jobs.move(id, 'finish')
        self.assertEqual([], self.failed)

    def test_each_tick_of_a_policy_has_one_clean_up(self):
        seen = AT_ONE - datetime.timedelta(hours=1)
        policies = [fixtures.add_cleanup(
            target=target, cron='0 1 * * *', seen_at=seen)
            for target in ('overcloud', 'undercloud')]
        for night in range(NIGHTS // 3):
            self.night(AT_ONE + datetime.timedelta(days=night))
            made = collections.Counter(
                (job.kind, job.target) for job in jobs.page()
                if job.state == 'queued')
            self.assertEqual({('cleanup', 'overcloud'): 1,
                              ('cleanup', 'undercloud'): 1}, made, night)
            for id in jobs.queued():
                jobs.claim(id, 'a', 60)
                jobs.move(id, 'finish')
        self.assertEqual([], self.failed)
        by_hand = submit.cleanup(policies[0])
        last = schedule_runs.last(policies, cleanups.TIMED)
        self.assertEqual(
            [(by_hand.id, None), ('done', AT_ONE + datetime.timedelta(
                days=NIGHTS // 3 - 1))],
            [(last[policies[0]].job_id, last[policies[0]].tick),
             (last[policies[1]].job_state, last[policies[1]].tick)])
        jobs.move(by_hand.id, 'cancel')
        for id in policies:
            seen = cleanups.get(id)
            changed = cleanups.change(seen, cron='0 2 * * *')
            self.assertTrue(cleanups.delete(changed))

    def test_what_follows_and_what_is_overdue_comes_once(self):
        """Of many conductors one begins each clean-up, one notes what each
        monitor is to be told, and one tells that nothing good has come."""
        fixtures.add_cleanup(target='overcloud')
        seen = AT_ONE - datetime.timedelta(hours=1)
        id = fixtures.add_schedule(
            then=['cleanup'], ping_url='http://127.0.0.1:9/x', seen_at=seen,
            counts_from=seen)
        with self.assertLogs('baas', 'WARNING') as told:
            for night in range(NIGHTS):
                now = AT_ONE + datetime.timedelta(days=night)
                for kind in ('backup', 'cleanup'):
                    self.night(now)
                    [job] = [jobs.get(one) for one in jobs.queued()]
                    self.assertEqual(kind, job.kind, night)
                    jobs.claim(job.id, 'a', 60)
                    jobs.move(job.id, 'finish')
        self.assertEqual([], self.failed)
        self.assertEqual(2 * NIGHTS, len(schedule_pings.waiting()[0]))
        self.assertEqual(1, sum('is overdue' in one for one in told.output))
        self.assertEqual(AT_ONE + datetime.timedelta(hours=4),
                         schedules.get(id).overdue_since)

    def test_windows_that_overlap_are_refused_to_one_of_two_at_once(self):
        for _turn in range(NIGHTS):
            together, made = threading.Barrier(2), []
            threads = [threading.Thread(
                target=self.make, args=(together, made, cron))
                for cron in ('0 1 * * *', '30 1 * * *')]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(1, len(made))
            self.assertTrue(schedules.delete(made[0]))
        self.assertEqual([], self.failed)

    def make(self, together, made, cron):
        together.wait()
        columns = {'id': str(uuid.uuid4()), 'target': 'overcloud',
                   'cron': cron, 'timezone': 'UTC', 'timing_key': cron,
                   'stopall': False, 'window_minutes': 60, 'then': None,
                   'jitter_seconds': 0, 'missed': 'once', 'enabled': True,
                   'may_overlap': False}
        try:
            made.append(schedules.create(columns, requests.demand))
        except errors.Conflict:
            pass
        except Exception as error:
            self.failed.append(error)

    def test_a_schedule_that_is_changed_at_its_tick_begins_once(self):
        """As it was before, or as it is after."""
        now = AT_ONE
        for turn in range(NIGHTS):
            id = fixtures.add_schedule(
                seen_at=now - datetime.timedelta(hours=1))
            together = threading.Barrier(2)
            sweeping = threading.Thread(target=self.sweep,
                                        args=(together, now))
            sweeping.start()
            together.wait()
            changed = schedules.change(schedules.get(id), stopall=True)
            before = jobs.queued()
            sweeping.join()
            scheduler.begin_due(cfg.CONF, lambda: now)
            [job] = jobs.queued()
            self.assertIs(job not in before,
                          jobs.get(job).options['stopall'], turn)
            self.assertEqual(2, changed.revision)
            self.assertTrue(jobs.move(job, 'cancel'))
            self.assertTrue(schedules.delete(changed))
        self.assertEqual([], self.failed)
