# SPDX-License-Identifier: Apache-2.0
import datetime
import unittest

import hypothesis
from hypothesis import strategies

from baas.schedules import overdue
from baas.tests.unit.schedules.test_due import AT_ONE
from baas.tests.unit.schedules.test_due import DAY
from baas.tests.unit.schedules.test_due import HOUR
from baas.tests.unit.schedules.test_due import rules

GRACE = 3 * HOUR
SECOND = datetime.timedelta(seconds=1)


class DeadlineTest(unittest.TestCase):

    def deadline(self, *given, **more):
        return overdue.deadline(rules(**more), GRACE, *given)

    def test_a_new_schedule_has_until_its_first_window_and_grace_end(self):
        self.assertEqual(AT_ONE + 4 * HOUR, self.deadline(AT_ONE - HOUR))

    def test_a_good_set_counts_until_the_tick_after_it(self):
        for late in (0 * HOUR, HOUR / 2, HOUR):
            self.assertEqual(AT_ONE + DAY + 4 * HOUR, self.deadline(
                AT_ONE - DAY, AT_ONE + late))

    def test_one_of_before_a_change_does_not_make_it_wait_for_less(self):
        self.assertEqual(AT_ONE + 4 * HOUR, self.deadline(
            AT_ONE - HOUR, AT_ONE - 9 * DAY))

    def test_jitter_counts(self):
        late = datetime.timedelta(minutes=10)
        self.assertEqual(AT_ONE + late + 4 * HOUR,
                         self.deadline(AT_ONE - HOUR, jitter=600))
        self.assertEqual(AT_ONE + DAY + late + 4 * HOUR, self.deadline(
            AT_ONE - HOUR, AT_ONE + late, jitter=600))

    def test_summer_time_moves_it_and_makes_none_of_its_own(self):
        # 02:30 is left out on the 29th of March and comes at 03:00, which is
        # 01:00 in UTC; the night before it was 01:30.
        for night, hour in ((28, 1.5), (29, 1), (30, 0.5)):
            at = datetime.datetime(2026, 3, night) + hour * HOUR
            self.assertEqual(at + 4 * HOUR, self.deadline(
                at - 20 * HOUR, cron='30 2 * * *', zone='Europe/Berlin'))
        # In autumn it comes twice and counts once, the first time.
        at = datetime.datetime(2026, 10, 25, 0, 30)
        self.assertEqual(
            datetime.datetime(2026, 10, 26, 1, 30) + 4 * HOUR,
            self.deadline(at - DAY, at, cron='30 2 * * *',
                          zone='Europe/Berlin'))

    @hypothesis.settings(deadline=None, derandomize=True, max_examples=60)
    @hypothesis.given(
        strategies.sampled_from(('0 1 * * *', '*/30 * * * *', '30 2 * * 0')),
        strategies.sampled_from(('UTC', 'Europe/Berlin')),
        strategies.integers(0, 1800), strategies.integers(1, 30),
        strategies.datetimes(datetime.datetime(2026, 3, 1),
                             datetime.datetime(2026, 11, 30)),
        strategies.integers(0, 30))
    def test_whoever_keeps_its_window_each_time_is_never_overdue(
            self, cron, zone, jitter, window, start, late):
        mine = rules(cron, zone, jitter, window)
        good = None
        for tick in list(zip(range(30), mine.timing.ticks(
                start - mine.jitter))):
            begun = tick[1] + mine.jitter + min(
                mine.window, late * datetime.timedelta(minutes=1))
            done = overdue.deadline(mine, GRACE, start, good)
            self.assertIsNone(overdue.since(None, done, begun))
            good = begun


class SinceTest(unittest.TestCase):

    def test_it_is_overdue_from_its_deadline_on(self):
        self.assertIsNone(overdue.since(None, AT_ONE, AT_ONE - SECOND))
        self.assertEqual(AT_ONE, overdue.since(None, AT_ONE, AT_ONE))

    def test_a_clock_that_is_set_back_ends_nothing(self):
        self.assertEqual(AT_ONE, overdue.since(AT_ONE, AT_ONE,
                                               AT_ONE - HOUR))

    def test_a_deadline_that_is_further_off_ends_it(self):
        self.assertIsNone(overdue.since(AT_ONE, AT_ONE + DAY, AT_ONE + HOUR))

    def test_one_that_was_missed_after_a_good_set_is_another(self):
        self.assertEqual(AT_ONE + DAY, overdue.since(
            AT_ONE, AT_ONE + DAY, AT_ONE + 2 * DAY))

    def test_a_good_set_that_is_lost_again_begins_nothing_anew(self):
        self.assertEqual(AT_ONE, overdue.since(AT_ONE, AT_ONE - DAY,
                                               AT_ONE + HOUR))
