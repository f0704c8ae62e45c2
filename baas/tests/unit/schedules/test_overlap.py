# SPDX-License-Identifier: Apache-2.0
import datetime
import unittest

import hypothesis
from hypothesis import strategies

from baas.schedules import overlap
from baas.tests.unit.schedules.test_due import rules

NOW = datetime.datetime(2026, 5, 4)
HOUR = datetime.timedelta(hours=1)
CRONS = ('0 1 * * *', '30 1 * * *', '*/20 * * * *', '15 3 * * 0', '0 2 1 * *',
         '45 0-6/2 * * 1-5')


class OverlapTest(unittest.TestCase):

    def test_a_nightly_and_a_weekly_run_of_one_time_overlap_once_a_week(self):
        sunday = datetime.datetime(2026, 5, 10, 1)
        self.assertEqual((sunday, sunday), overlap.first(
            rules(), rules('0 1 * * 0'), NOW))

    def test_windows_that_touch_do_not_overlap(self):
        self.assertIsNone(overlap.first(rules(), rules('0 2 * * *'), NOW))
        self.assertEqual(
            (NOW + HOUR, NOW + 1.5 * HOUR),
            overlap.first(rules(), rules('30 1 * * *'), NOW))

    def test_jitter_moves_windows(self):
        late = rules('0 1 * * *', jitter=0, window=30)
        for seconds in range(2000, 3000, 50):
            moved = rules('30 0 * * *', jitter=seconds, window=30)
            self.assertIsNotNone(overlap.first(late, moved, NOW))

    def test_a_change_of_the_clocks_alone_makes_two_overlap(self):
        found = overlap.first(rules('30 1 * * *', 'UTC', window=30),
                              rules('30 3 * * *', 'Europe/Berlin', window=30),
                              datetime.datetime(2026, 11, 28))
        self.assertEqual(datetime.datetime(2027, 3, 28, 1, 30), found[0])

    def test_what_comes_every_minute_overlaps_with_what_comes_once_a_year(
            self):
        often, rarely = rules('* 1-5 * * *', window=1), rules(
            '30 4 1 1 *', window=1)
        new_year = datetime.datetime(2027, 1, 1, 4, 30)
        self.assertEqual((new_year, new_year),
                         overlap.first(often, rarely, NOW))

    @hypothesis.settings(deadline=None, derandomize=True, max_examples=40)
    @hypothesis.given(strategies.sampled_from(CRONS),
                      strategies.sampled_from(CRONS),
                      strategies.integers(1, 20), strategies.integers(1, 20))
    def test_it_finds_what_a_look_at_each_pair_finds(self, one, two, mine,
                                                     other):
        first, second = rules(one, window=mine), rules(two, window=other)
        found = overlap.first(first, second, NOW)
        self.assertEqual(found is None,
                         overlap.first(second, first, NOW) is None)
        end = NOW + datetime.timedelta(days=8)
        others = self.begins(second, end)
        pairs = [(a, b) for a in self.begins(first, end) for b in others
                 if a < b + second.window and b < a + first.window]
        if pairs:
            self.assertEqual(min(map(max, pairs)), max(found))
        elif found:
            self.assertGreater(max(found), end - datetime.timedelta(days=1))

    @staticmethod
    def begins(rule, end):
        found = []
        for tick in rule.timing.ticks(NOW - rule.jitter
                                      - datetime.timedelta(seconds=1)):
            if tick > end:
                return found
            found.append(tick + rule.jitter)
