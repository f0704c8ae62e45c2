# SPDX-License-Identifier: Apache-2.0
"""Clean-ups that have times of their own, by the scheduler of backups."""
import datetime

from oslo_config import cfg
import sqlalchemy as sa

from baas.db import jobs
from baas.db.retention import cleanups
from baas.db.schedule import pauses
from baas.db import session
from baas.requests import submit
from baas.tests import fixtures
from baas.tests.unit.conductor.schedules import base
from baas.tests.unit.conductor.schedules.base import AT_ONE
from baas.tests.unit.conductor.schedules.base import BEFORE
from baas.tests.unit.conductor.schedules.base import DAY
from baas.tests.unit.conductor.schedules.base import HOUR
from baas.tests.unit.conductor.schedules.base import MINUTE
from baas.tests.unit.conductor.schedules import test_deaths


class TimedTest(base.SchedulerTest):
    """A policy at one o'clock each night."""

    def add(self, **columns):
        """Write a policy that was last looked at before its tick."""
        return fixtures.add_cleanup(**{
            'cron': '0 1 * * *', 'seen_at': BEFORE, 'user_id': 'keeper',
            'request_id': 'req-of-the-keeper', **columns})

    def jobs(self):
        """Give the rows of all clean-ups, oldest first."""
        return jobs.page(filters={'kind': 'cleanup'},
                         sort=[('created_at', 'asc')])

    def runs(self):
        """See :class:`base.SchedulerTest`."""
        runs = cleanups.RUNS.c
        with session.reader() as connection:
            return [tuple(row) for row in connection.execute(
                sa.select(runs.tick, runs.state, runs.reason)
                .order_by(runs.id))]

    def change(self, id, **columns):
        """Change a policy as the API does."""
        return cleanups.change(cleanups.get(id), **columns)


class BeginTest(TimedTest):

    def test_a_tick_becomes_one_clean_up_as_a_request_would(self):
        id = self.add()
        self.look(AT_ONE - MINUTE)
        self.assertEqual([], self.jobs())
        self.look()
        self.look(AT_ONE + MINUTE)
        [job] = self.jobs()
        self.assertEqual(
            ('overcloud', 'usual', 'queued', 'keeper', 'req-of-the-keeper',
             {'policy': id}),
            (job.target, job.name, job.state, job.user_id, job.request_id,
             job.options))
        self.assertEqual([(AT_ONE, 'submitted', None)], self.runs())

    def test_without_a_cron_or_disabled_there_are_no_runs(self):
        self.add(cron=None)
        self.add(target='undercloud', enabled=False)
        self.look(AT_ONE + DAY)
        self.assertEqual(([], []), (self.runs(), self.jobs()))

    def test_while_the_target_is_busy_a_run_waits_and_says_for_whom(self):
        self.add()
        busy = submit.backup('overcloud', stopall=False)
        self.look()
        [(_tick, state, reason)] = self.runs()
        self.assertEqual('waiting', state)
        self.assertIn(f'Job {busy.id} is at work', reason)
        self.end(busy)
        self.look(AT_ONE + 60 * MINUTE)
        self.assertEqual([(AT_ONE, 'submitted', None)], self.runs())

    def test_a_run_whose_window_is_over_is_skipped_with_the_reason(self):
        self.add()
        busy = submit.backup('overcloud', stopall=False)
        self.look()
        self.look(AT_ONE + 61 * MINUTE)
        [(_tick, state, reason)] = self.runs()
        self.assertEqual('skipped', state)
        self.assertRegex(reason, f'within its window. Job {busy.id} is at')
        self.assertEqual([], self.jobs())

    def test_of_missed_runs_the_newest_is_caught_up_when_it_is_to_be(self):
        self.add(missed='once')
        self.add(missed='skip', target='undercloud')
        self.look(AT_ONE + 3 * DAY + 3 * HOUR)
        self.assertEqual(['overcloud'], [job.target for job in self.jobs()])
        self.assertEqual(['skipped', 'skipped', 'skipped', 'submitted'],
                         sorted(run[1] for run in self.runs()))

    def test_it_goes_by_its_own_clock_through_a_change_of_clocks(self):
        summer = datetime.datetime(2026, 3, 29)
        self.add(cron='30 2 * * *', timezone='Europe/Berlin',
                 seen_at=summer - DAY)
        for hours in range(-24, 49):
            self.look(summer + hours * HOUR)
            for job in self.jobs():
                if job.state == 'queued':
                    self.end(job)
        self.assertEqual(
            [summer - DAY + 1.5 * HOUR, summer + HOUR,
             summer + DAY + 0.5 * HOUR],
            [run[0] for run in self.runs()])

    def test_a_backup_of_the_same_tick_comes_first_and_it_waits(self):
        self.add()
        fixtures.add_schedule(seen_at=BEFORE)
        self.look()
        [backup] = jobs.page(filters={'kind': 'backup'})
        self.assertEqual('waiting', self.runs()[0][1])
        self.end(backup)
        self.look(AT_ONE + MINUTE)
        self.assertEqual([(AT_ONE, 'submitted', None)], self.runs())

    def test_while_schedules_are_paused_runs_are_skipped(self):
        self.add()
        cfg.CONF.set_override('paused', True, 'schedules')
        self.look()
        [(_tick, state, reason)] = self.runs()
        self.assertEqual('skipped', state)
        self.assertIn('paused', reason)

    def test_a_pause_of_all_schedules_holds_for_policies_until_it_ends(self):
        self.add()
        pauses.begin(until=None, reason='A new switch.', user_id='me')
        with session.writer() as connection:
            connection.execute(sa.update(pauses.PAUSES).values(
                paused_at=AT_ONE - HOUR))
        self.look()
        [(_tick, state, reason)] = self.runs()
        self.assertEqual('skipped', state)
        self.assertIn('A new switch', reason)
        with session.writer() as connection:
            connection.execute(sa.update(pauses.PAUSES).values(
                until=AT_ONE + HOUR))
        self.look(AT_ONE + DAY)
        self.assertEqual(['skipped', 'submitted'],
                         [run[1] for run in self.runs()])

    def test_a_policy_that_cannot_be_looked_at_keeps_no_other_from_it(self):
        self.add(timezone='No/Where')
        self.add(target='undercloud')
        fixtures.add_schedule(seen_at=BEFORE)
        self.look()
        self.assertEqual(['undercloud'], [job.target for job in self.jobs()])


class ChangeTest(TimedTest):

    def setUp(self):
        super().setUp()
        self.policy = self.add()
        self.busy = submit.backup('overcloud', stopall=False)
        self.look()

    def later(self):
        """End what was in the way, look again, and give the only run."""
        self.end(self.busy)
        self.look(AT_ONE + MINUTE)
        [(_tick, state, reason)] = self.runs()
        return state, reason

    def test_a_run_that_waits_is_not_begun_after_its_times_were_changed(self):
        self.change(self.policy, cron='0 5 * * *')
        self.assertEqual(('skipped', cleanups.CHANGED), self.later())

    def test_nor_after_it_was_disabled(self):
        self.change(self.policy, enabled=False)
        self.assertEqual(('skipped', cleanups.CHANGED), self.later())

    def test_a_run_that_waits_goes_by_the_rules_that_there_are_then(self):
        self.change(self.policy, keep_last=9)
        self.assertEqual(('submitted', None), self.later())

    def test_a_deleted_policy_takes_its_runs_with_it(self):
        self.assertTrue(cleanups.delete(cleanups.get(self.policy)))
        self.end(self.busy)
        self.look(AT_ONE + MINUTE)
        self.assertEqual(([], []), (self.runs(), self.jobs()))


class CleanupDeathTest(TimedTest, test_deaths.DeathTest):
    """The same deaths at a tick of a policy, which nothing follows."""
    columns, planned = {}, 0

    test_who_comes_after_the_window_catches_up_what_died_with_another = None


class CleanupCrowdTest(TimedTest, test_deaths.CrowdTest):
    """The same crowd at a tick of a policy."""
