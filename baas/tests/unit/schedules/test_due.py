# SPDX-License-Identifier: Apache-2.0
import datetime
import unittest

import hypothesis
from hypothesis import strategies

from baas.schedules import due
from baas.schedules import timing

HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
AT_ONE = datetime.datetime(2026, 5, 4, 1)


def rules(cron='0 1 * * *', zone='UTC', jitter=0, window=60, missed='once'):
    """Make the rules of a schedule."""
    return due.Rules(timing.Timing(cron, zone),
                     datetime.timedelta(seconds=jitter),
                     datetime.timedelta(minutes=window), missed)


class LookTest(unittest.TestCase):

    def test_before_its_tick_nothing_is_due(self):
        self.assertEqual([], due.look(
            rules(), AT_ONE - HOUR, AT_ONE - datetime.timedelta(seconds=1)))

    def test_from_its_tick_on_a_run_may_begin_until_its_window_ends(self):
        for late in (0 * HOUR, HOUR / 2, HOUR):
            self.assertEqual(
                [due.Run(AT_ONE, AT_ONE + HOUR)],
                due.look(rules(), AT_ONE - HOUR, AT_ONE + late))

    def test_a_run_begins_its_jitter_later(self):
        late = rules(jitter=600)
        begins = AT_ONE + datetime.timedelta(minutes=10)
        almost = begins - datetime.timedelta(seconds=1)
        self.assertEqual([], due.look(late, AT_ONE - HOUR, almost))
        self.assertEqual([due.Run(AT_ONE, begins + HOUR)],
                         due.look(late, almost, begins))
        self.assertEqual([], due.look(late, begins, begins + HOUR))

    def test_a_missed_run_is_skipped_or_caught_up_as_chosen(self):
        now = AT_ONE + 3 * HOUR
        [run] = due.look(rules(missed='skip'), AT_ONE - HOUR, now)
        self.assertIn('between 2026-05-04 01:00 UTC', run.reason)
        self.assertEqual([due.Run(AT_ONE, now + HOUR)],
                         due.look(rules(), AT_ONE - HOUR, now))

    def test_of_many_missed_runs_the_newest_is_caught_up(self):
        now = AT_ONE + 5 * DAY + 3 * HOUR
        older, newest = due.look(rules(), AT_ONE - HOUR, now)
        self.assertEqual((AT_ONE + 5 * DAY, None),
                         (newest.tick, newest.reason))
        self.assertEqual(AT_ONE + 4 * DAY, older.tick)
        self.assertIn('all from 2026-05-04 01:00 UTC on', older.reason)

    def test_where_clocks_bring_two_runs_nearer_the_second_ends_the_window(
            self):
        nightly = rules('30 2 * * *', 'Europe/Berlin', window=24 * 60)
        first = datetime.datetime(2026, 3, 28, 1, 30)
        second = datetime.datetime(2026, 3, 29, 1)
        skipped, begun = due.look(nightly, first - HOUR, second)
        self.assertEqual((first, due.OLDER), (skipped.tick, skipped.reason))
        self.assertEqual((second, None), (begun.tick, begun.reason))

    def test_a_clock_that_was_set_back_makes_nothing_due(self):
        self.assertEqual([], due.look(rules(), AT_ONE + HOUR, AT_ONE))

    @hypothesis.settings(deadline=None, derandomize=True)
    @hypothesis.given(
        strategies.sampled_from(('0 1 * * *', '*/30 * * * *', '30 2 * * 0')),
        strategies.sampled_from(('UTC', 'Europe/Berlin')),
        strategies.integers(0, 1800), strategies.integers(1, 30),
        strategies.sampled_from(due.MISSED),
        strategies.datetimes(datetime.datetime(2026, 3, 20),
                             datetime.datetime(2026, 11, 1)),
        strategies.lists(strategies.integers(1, 7200), min_size=1,
                         max_size=30))
    def test_however_looks_are_spread_no_tick_comes_twice_and_none_is_lost(
            self, cron, zone, jitter, window, missed, start, steps):
        mine = rules(cron, zone, jitter, window, missed)
        seen, runs = start, []
        for step in steps:
            now = seen + datetime.timedelta(seconds=step)
            found = due.look(mine, seen, now)
            for run in found[-1:]:
                if run.reason is None:
                    self.assertLessEqual(run.tick + mine.jitter, now)
                    self.assertGreaterEqual(run.begin_until, now)
            runs += found
            seen = now
        ticks = [run.tick for run in runs]
        self.assertEqual(sorted(set(ticks)), ticks)
        # With looks this close no tick goes without a run of its own.
        expected = []
        for tick in mine.timing.ticks(start - mine.jitter):
            if tick + mine.jitter > seen:
                break
            expected.append(tick)
        self.assertEqual(expected[-1:], ticks[-1:])
        self.assertLessEqual(set(ticks), set(expected))
        if max(steps) < 1800:
            self.assertEqual(expected, ticks)


class UpcomingTest(unittest.TestCase):

    def test_what_is_shown_is_what_becomes_due(self):
        mine = rules('30 2 * * *', 'Europe/Berlin', jitter=77)
        now = datetime.datetime(2026, 10, 23, 12)
        for begins in due.upcoming(mine, now, 5):
            before = begins - datetime.timedelta(seconds=1)
            self.assertEqual([], due.look(mine, now, before))
            [run] = due.look(mine, now, begins)
            self.assertEqual(begins, run.tick + mine.jitter)
            now = begins
