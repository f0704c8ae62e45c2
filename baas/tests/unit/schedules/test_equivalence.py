# SPDX-License-Identifier: Apache-2.0
import datetime
import itertools
import unittest

import hypothesis

from baas.schedules import equivalence
from baas.schedules import timing
from baas.tests.unit.schedules import test_timing

NOW = datetime.datetime(2026, 5, 4)


class EquivalenceTest(unittest.TestCase):

    def same(self, one, other):
        return equivalence.is_same(timing.Timing(*one), timing.Timing(*other),
                                   NOW)

    def test_what_means_the_same_is_the_same(self):
        daily = ('0 5 * * *', 'UTC')
        for one, other in (
                (daily, ('*/60 5 * * *', 'UTC')),
                (daily, ('0 5 1-31 * 0', 'UTC')),
                (daily, ('0 5 1,2-31 * 3', 'UTC')),
                (daily, ('0 5 1 * 0-6', 'UTC')),
                (daily, ('0 5 * * *', 'Etc/UTC')),
                (daily, ('00 5 * * 0-7', 'Zulu')),
                (('0 5 * 2 *', 'UTC'), ('0 5 1-29 2 *', 'UTC')),
                (('0 5 * * 0', 'UTC'), ('0 5 */1 * sun', 'UTC')),
                (('0 5 3 * *', 'UTC'), ('0 5 3 * */1', 'UTC')),
                (('0 5 * * *', 'Europe/Berlin'),
                 ('*/60 5 * * *', 'Europe/Berlin')),
                (('* * * * *', 'UTC'), ('0-59 0-23 * * *', 'UTC'))):
            with self.subTest(one=one, other=other):
                self.assertTrue(self.same(one, other))
                self.assertTrue(self.same(other, one))

    def test_what_means_something_else_is_not(self):
        for one, other in (
                (('0 5 * * *', 'UTC'), ('0 5 * * *', 'Europe/London')),
                (('0 5 * * *', 'UTC'), ('0 6 * * *', 'UTC')),
                (('0 5 1-30 * *', 'UTC'), ('0 5 * * *', 'UTC')),
                (('0 5 1-28 2 *', 'UTC'), ('0 5 * 2 *', 'UTC')),
                (('0 5 1 * 0', 'UTC'), ('0 5 */31 * 0', 'UTC')),
                # Where clocks are changed: it goes on, or comes once.
                (('0 2 * * *', 'Europe/Berlin'),
                 ('*/60 2 * * *', 'Europe/Berlin')),
                (('* * * * *', 'Europe/Berlin'),
                 ('0-59 0-23 * * *', 'Europe/Berlin'))):
            with self.subTest(one=one, other=other):
                self.assertFalse(self.same(one, other))
                self.assertFalse(self.same(other, one))

    @hypothesis.settings(deadline=None, derandomize=True, max_examples=50)
    @hypothesis.given(test_timing.crons(), test_timing.zones)
    def test_each_is_as_itself_and_what_is_the_same_has_the_same_ticks(
            self, cron, zone):
        other = cron.replace('*/1 ', '* ')
        days = cron.split()
        days[2] = '1-31' if days[2] == '*' else days[2]
        self.assertTrue(self.same((cron, zone), (other, zone)))
        if self.same((cron, zone), (' '.join(days), zone)):
            found = [list(itertools.islice(
                timing.Timing(one, zone).ticks(NOW), 50))
                for one in (cron, ' '.join(days))]
            self.assertEqual(*found)
