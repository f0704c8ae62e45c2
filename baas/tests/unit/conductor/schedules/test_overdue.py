# SPDX-License-Identifier: Apache-2.0
"""A schedule without the good set that it should have is overdue."""
import threading

from oslo_config import cfg
import sqlalchemy as sa

from baas.conductor.schedules import overdue
from baas.db.schedule import pauses
from baas.db.schedule import schedules
from baas.db import session
from baas.tests.unit.conductor.schedules import base
from baas.tests.unit.conductor.schedules.base import AT_ONE
from baas.tests.unit.conductor.schedules.base import BEFORE
from baas.tests.unit.conductor.schedules.base import DAY
from baas.tests.unit.conductor.schedules.base import HOUR
from baas.tests.unit.conductor.schedules.base import MINUTE

END = AT_ONE + 4 * HOUR
"""One hour of window, and three of grace."""


class LatenessTest(base.SchedulerTest):

    def setUp(self):
        super().setUp()
        self.one = self.add(counts_from=BEFORE)

    def since(self, now):
        """Look at a time; give since when the schedule is overdue."""
        overdue.look(lambda: now)
        return schedules.get(self.one).overdue_since

    def events(self, *times):
        """Give how often it is told that it is overdue."""
        with self.assertLogs('baas', 'INFO') as told:
            overdue.LOG.info('so that there is one line')
            for time in times:
                self.since(time)
        return sum('is overdue' in line for line in told.output)

    def test_without_a_good_set_it_is_overdue_after_window_and_grace(self):
        self.assertIsNone(self.since(END - MINUTE))
        self.assertEqual(END, self.since(END + MINUTE))

    def test_it_is_told_once_and_by_its_name(self):
        with self.assertLogs('baas', 'WARNING') as told:
            for minutes in range(3):
                self.since(END + minutes * MINUTE)
        [line] = told.output
        self.assertIn(f'Schedule {self.one} of the overcloud is overdue: it '
                      'should have had a good set by 2026-05-04 05:00:00 '
                      'UTC', line)

    def test_the_next_good_set_ends_it(self):
        self.since(END)
        self.take(self.one, END + HOUR)
        self.assertIsNone(self.since(END + 2 * HOUR))

    def test_one_missed_after_a_good_set_is_told_of_again(self):
        self.take(self.one)
        self.assertEqual(1, self.events(END, END + DAY, END + DAY + MINUTE))
        self.take(self.one, AT_ONE + 2 * DAY)
        self.assertEqual(1, self.events(END + 2 * DAY, END + 3 * DAY))

    def test_a_set_that_is_not_good_does_not_count(self):
        for columns in ({'status': 'error'}, {'set_size': 4}):
            job = self.take(self.one)
            self.assertIsNone(self.since(END))
            with session.writer() as connection:
                connection.execute(sa.update(base.BACKUPS).where(
                    base.BACKUPS.c.set_id == job.id,
                    base.BACKUPS.c.node == 'controller-0').values(columns))
            self.assertEqual(END, self.since(END))
            self.change(self.one, enabled=False)
            self.change(self.one, enabled=True)
            with session.writer() as connection:
                connection.execute(sa.update(schedules.SCHEDULES).values(
                    counts_from=BEFORE))

    def test_a_set_of_somebody_else_does_not_count(self):
        other = self.add(cron='0 9 * * *', counts_from=AT_ONE + DAY)
        self.take(other)
        self.assertEqual(END, self.since(END))

    def test_what_was_enabled_since_begins_to_count_anew(self):
        self.since(END)
        self.change(self.one, enabled=False)
        self.assertIsNone(self.since(END + DAY))
        changed = self.change(self.one, enabled=True)
        self.assertIsNone(changed.overdue_since)
        self.assertIsNone(self.since(changed.counts_from + HOUR))

    def test_another_name_ends_nothing(self):
        self.since(END)
        self.change(self.one, name='other')
        self.assertEqual(END, self.since(END + MINUTE))

    def test_no_set_is_expected_of_a_tick_that_a_pause_has_skipped(self):
        cfg.CONF.set_override('paused', True, 'schedules')
        self.look(AT_ONE + MINUTE)
        cfg.CONF.clear_override('paused', 'schedules')
        self.assertIsNone(self.since(END))
        self.assertEqual(END + DAY, self.since(END + DAY))

    def test_a_pause_of_somebody_counts_as_well(self):
        pauses.begin(until=None, reason='A test.', user_id='me')
        with session.writer() as connection:
            connection.execute(sa.update(pauses.PAUSES).values(
                paused_at=BEFORE))
        self.look(AT_ONE + MINUTE)
        pauses.end()
        self.assertIsNone(self.since(END))

    def test_a_clock_that_jumps_an_hour_tells_of_nothing_twice(self):
        self.assertEqual(1, self.events(
            END, END - HOUR, END, END + HOUR, END - HOUR, END + HOUR))

    def test_a_clock_that_is_set_back_before_it_is_overdue_says_nothing(self):
        self.assertEqual(0, self.events(
            END - MINUTE, END - HOUR, END - MINUTE))

    def test_of_many_conductors_one_tells(self):
        together = threading.Barrier(4)

        def conductor():
            together.wait()
            for _look in range(3):
                try:
                    self.since(END)
                except Exception as error:
                    self.assertTrue(session.is_away(error), error)

        threads = [threading.Thread(target=conductor) for _ in range(4)]
        with self.assertLogs('baas', 'WARNING') as told:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.since(END)
        self.assertEqual(1, sum('is overdue' in one for one in told.output))

    def test_one_that_cannot_be_looked_at_keeps_no_other_from_it(self):
        broken = self.add(id='0', target='undercloud')
        with session.writer() as connection:
            connection.execute(sa.text(
                "UPDATE schedules SET timezone = 'No/Where' WHERE id = '0'"))
        self.assertEqual(END, self.since(END))
        self.assertIsNone(schedules.get(broken).overdue_since)
