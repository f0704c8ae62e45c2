# SPDX-License-Identifier: Apache-2.0
"""What the duty of the sweep does at each look."""
from oslo_config import cfg
import sqlalchemy as sa

from baas.conductor import server
from baas.db import backups
from baas.db.schedule import schedules
from baas.db import session
from baas import errors
from baas.requests import submit
from baas.tests.unit.conductor.schedules import base
from baas.tests.unit.conductor.schedules.base import AT_ONE
from baas.tests.unit.conductor.schedules.base import BEFORE
from baas.tests.unit.conductor.schedules.base import DAY
from baas.tests.unit.conductor.schedules.base import HOUR
from baas.tests.unit.conductor.schedules.base import MINUTE


class BeginTest(base.SchedulerTest):

    def test_a_tick_becomes_a_job_as_a_request_would(self):
        id = self.add(name='nightly', stopall=True)
        self.look(AT_ONE - MINUTE)
        self.assertEqual([], self.jobs())
        self.look()
        self.look(AT_ONE + MINUTE)
        [job] = self.jobs()
        self.assertEqual(
            ('overcloud', 'nightly', 'queued', 'keeper', 'req-of-the-keeper',
             {'stopall': True, 'schedule_id': id}),
            (job.target, job.name, job.state, job.user_id, job.request_id,
             job.options))
        self.assertEqual(3, len(backups.by_set(job.id)))
        self.assertEqual([(AT_ONE, 'submitted', None)], self.runs())

    def test_each_night_has_a_job_of_its_own(self):
        self.add()
        for night in range(3):
            self.look(AT_ONE + night * DAY)
            self.end(self.jobs()[-1])
        self.assertEqual(3, len(self.jobs()))

    def test_a_disabled_schedule_has_no_runs(self):
        self.add(enabled=False)
        self.look()
        self.assertEqual([], self.runs())

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

    def test_of_many_runs_that_wait_each_says_for_whom(self):
        for minute in range(9):
            self.add(cron=f'{minute} 1 * * *')
        late = AT_ONE + 9 * MINUTE
        self.look(late)
        [job] = self.jobs()
        for _look in range(2):  # the second has nothing new to say
            self.assertEqual(
                [None] + [f'Job {job.id} is at work on the overcloud.'] * 8,
                [run[2] for run in self.runs()])
            self.look(late + MINUTE)
        self.end(job)
        self.look(late + 2 * MINUTE)
        job = self.jobs()[-1]
        self.assertEqual(
            [f'Job {job.id} is at work on the overcloud.'] * 7,
            [run[2] for run in self.runs() if run[1] == 'waiting'])

    def test_a_run_whose_window_is_over_is_skipped_with_the_reason(self):
        self.add()
        busy = submit.backup('overcloud', stopall=False)
        self.look()
        self.look(AT_ONE + 61 * MINUTE)
        [(_tick, state, reason)] = self.runs()
        self.assertEqual('skipped', state)
        self.assertRegex(reason, f'within its window. Job {busy.id} is at')
        self.end(busy)
        self.look(AT_ONE + 62 * MINUTE)
        self.assertEqual([busy.id], [job.id for job in self.jobs()])

    def test_of_missed_runs_the_newest_is_caught_up_when_it_is_to_be(self):
        for missed, states in (('once', ['skipped', 'submitted']),
                               ('skip', ['skipped', 'skipped'])):
            with self.subTest(missed=missed):
                target = {'once': 'overcloud', 'skip': 'undercloud'}[missed]
                id = self.add(missed=missed, target=target)
                self.look(AT_ONE + 9 * DAY + 5 * HOUR)
                self.assertEqual(states, [run[1] for run in self.runs()[-2:]])
                for job in self.jobs():
                    self.end(job)
                schedules.delete(schedules.get(id))

    def test_one_that_cannot_be_begun_keeps_no_other_from_it(self):
        self.add(id='1')
        self.add(id='2', target='undercloud')
        for how in ('CREATE TRIGGER no BEFORE INSERT ON jobs WHEN new.target '
                    "= 'overcloud' BEGIN SELECT RAISE(ABORT, 'refused'); END",
                    "UPDATE schedules SET timezone = 'No/Where' "
                    "WHERE id = '1'"):
            with self.subTest(how=how):
                with session.writer() as connection:
                    connection.execute(sa.text(how))
                before = len(self.jobs())
                self.look(AT_ONE + before * DAY)
                self.end(self.jobs()[-1])
                self.assertEqual(['undercloud'] * (before + 1), [
                    job.target for job in self.jobs()])

    def test_an_inventory_that_cannot_be_read_is_waited_for(self):
        self.add()
        good = cfg.CONF.runner.inventory
        cfg.CONF.set_override('inventory', '/nonexistent/inventory', 'runner')
        self.look()
        [(_tick, state, reason)] = self.runs()
        self.assertEqual('waiting', state)
        self.assertIn('inventory', reason)
        cfg.CONF.set_override('inventory', good, 'runner')
        self.look(AT_ONE + MINUTE)
        self.assertEqual([(AT_ONE, 'submitted', None)], self.runs())

    def test_the_sweep_of_a_conductor_begins_what_is_due(self):
        # Long before any clock: what was missed is caught up.
        self.add(seen_at=BEFORE - 30 * DAY)
        conductor, begun = server.Conductor(cfg.CONF, bus=False), []
        conductor.take = lambda job_id, act=None: begun.append(job_id)
        conductor.sweep()
        self.assertEqual([job.id for job in self.jobs()], begun)
        self.assertEqual(1, len(begun))


class PauseTest(base.SchedulerTest):

    def test_while_schedules_are_paused_runs_are_skipped_for_good(self):
        self.add()
        cfg.CONF.set_override('paused', True, 'schedules')
        self.look()
        cfg.CONF.clear_override('paused', 'schedules')
        self.look(AT_ONE + MINUTE)
        [(tick, state, reason)] = self.runs()
        self.assertEqual((AT_ONE, 'skipped'), (tick, state))
        self.assertIn('paused', reason)
        self.look(AT_ONE + DAY)
        self.assertEqual(1, len(self.jobs()))

    def test_a_run_that_waits_is_skipped_by_the_pause(self):
        self.add()
        busy = submit.backup('overcloud', stopall=False)
        self.look()
        cfg.CONF.set_override('paused', True, 'schedules')
        self.end(busy)
        self.look(AT_ONE + MINUTE)
        self.assertEqual('skipped', self.runs()[0][1])
        self.assertEqual(1, len(self.jobs()))


class ChangeTest(base.SchedulerTest):

    def setUp(self):
        super().setUp()
        self.schedule = self.add()
        self.busy = submit.backup('overcloud', stopall=False)
        self.look()

    def skipped(self, word):
        self.end(self.busy)
        self.look(AT_ONE + MINUTE)
        [(_tick, state, reason)] = self.runs()
        self.assertEqual('skipped', state)
        self.assertIn(word, reason)
        self.assertEqual(1, len(self.jobs()))

    def test_a_run_that_waits_is_not_begun_after_its_times_were_changed(self):
        self.change(self.schedule, cron='0 5 * * *', timing_key='five')
        self.skipped('changed')

    def test_a_run_that_waits_begins_as_its_schedule_then_is(self):
        self.change(self.schedule, stopall=True, name='other')
        self.end(self.busy)
        self.look(AT_ONE + MINUTE)
        job = self.jobs()[-1]
        self.assertEqual((True, 'other'),
                         (job.options['stopall'], job.name))

    def test_a_run_that_waits_is_not_begun_after_it_was_disabled(self):
        self.change(self.schedule, enabled=False)
        self.skipped('disabled')

    def test_a_schedule_whose_job_is_at_work_is_not_deleted(self):
        self.end(self.busy)
        self.look(AT_ONE + MINUTE)
        job = self.jobs()[-1]
        with self.assertRaisesRegex(errors.Conflict, f'Job {job.id} of'):
            schedules.delete(schedules.get(self.schedule))
        self.assertEqual(1, len(self.runs()))
        self.end(job)
        self.assertTrue(schedules.delete(schedules.get(self.schedule)))

    def test_a_deleted_schedule_takes_its_runs_with_it_and_no_jobs(self):
        self.assertTrue(schedules.delete(schedules.get(self.schedule)))
        self.end(self.busy)
        self.look(AT_ONE + MINUTE)
        self.assertEqual(([], [self.busy.id]),
                         (self.runs(), [job.id for job in self.jobs()]))

    def test_what_was_missed_while_it_was_disabled_is_not_caught_up(self):
        self.end(self.busy)
        self.look(AT_ONE + MINUTE)
        self.change(self.schedule, enabled=False)
        enabled = self.change(self.schedule, enabled=True)
        self.look(enabled.seen_at + MINUTE)
        self.assertEqual(1, len(self.runs()))


class ClockTest(base.SchedulerTest):
    """Clocks are set: no run is lost, and none comes twice."""

    def setUp(self):
        super().setUp()
        self.schedule = self.add(cron='0 * * * *', missed='skip')

    def hours(self, start, count, step=10 * MINUTE):
        """Look every ten minutes, with every job ending at once."""
        now = start
        while now <= start + count * HOUR:
            self.look(now)
            for job in self.jobs():
                if job.state == 'queued':
                    self.end(job)
            now += step

    def ticks(self):
        self.assertEqual(len(self.jobs()), len(
            [run for run in self.runs() if run[1] == 'submitted']))
        return [run[0] for run in self.runs() if run[1] == 'submitted']

    def test_a_clock_that_goes_right_brings_one_run_an_hour(self):
        self.change(self.schedule, missed='once')
        self.hours(BEFORE, 4)
        self.assertEqual([BEFORE + n * HOUR for n in range(1, 5)],
                         self.ticks())

    def test_a_clock_that_is_set_back_an_hour_repeats_no_run(self):
        self.hours(BEFORE + 5 * MINUTE, 3)
        self.hours(BEFORE + 2 * HOUR + 5 * MINUTE, 4)
        self.assertEqual([BEFORE + n * HOUR for n in range(1, 7)],
                         self.ticks())

    def test_a_clock_that_is_set_forward_an_hour_brings_each_run_once(self):
        self.hours(BEFORE + 5 * MINUTE, 2)
        self.hours(BEFORE + 3 * HOUR + 5 * MINUTE, 2)
        self.assertEqual([BEFORE + n * HOUR for n in (1, 2, 3, 4, 5)],
                         sorted({run[0] for run in self.runs()}))
        self.assertEqual(len(self.ticks()), len(set(self.ticks())))

    def test_after_a_clock_that_ran_years_ahead_no_schedule_is_silent(self):
        self.hours(BEFORE + 5 * MINUTE, 1)
        self.look(BEFORE + 1000 * DAY)
        self.hours(BEFORE + HOUR + 5 * MINUTE, 3)
        self.assertEqual([BEFORE + 2 * HOUR, BEFORE + 3 * HOUR,
                          BEFORE + 4 * HOUR],
                         [tick for tick in self.ticks()
                          if BEFORE + HOUR < tick < BEFORE + DAY])
