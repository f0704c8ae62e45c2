# SPDX-License-Identifier: Apache-2.0
import datetime
import itertools
import unittest

import hypothesis
from hypothesis import strategies

from baas import errors
from baas.schedules import timing

ZONES = ('UTC', 'Europe/Berlin', 'America/Havana', 'Africa/Cairo',
         'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/St_Johns')
CHANGES = [(zone, day) for zone, days in {
    'Europe/Berlin': ((2026, 3, 29), (2026, 10, 25)),
    'America/Havana': ((2026, 3, 8), (2026, 11, 1)),
    'Africa/Cairo': ((2024, 4, 25), (2024, 10, 31)),
    'America/St_Johns': ((2026, 3, 8), (2026, 11, 1)),
    'Australia/Lord_Howe': ((2026, 4, 4), (2026, 10, 3))}.items()
    for day in days]
"""Days on which clocks are changed, by zones."""
times = strategies.datetimes(datetime.datetime(2024, 1, 1),
                             datetime.datetime(2030, 1, 1))
zones = strategies.sampled_from(ZONES)


@strategies.composite
def crons(draw):
    """Make expressions, half of them with stars."""
    fields = []
    for least, most in ((0, 59), (0, 23), (1, 28), (1, 12), (0, 7)):
        number = strategies.integers(least, most)
        fields.append(draw(strategies.one_of(
            strategies.just('*'), number.map(str),
            strategies.integers(2, min(9, most - least + 1)).map(
                lambda step: f'*/{step}'),
            strategies.sets(number, min_size=1, max_size=3).map(
                lambda found: ','.join(map(str, sorted(found)))))))
    return ' '.join(fields)


def utc(*fields):
    """Give a time as the database has it."""
    return datetime.datetime(*fields)


def first(cron, zone, after, count):
    """Give the first ticks after a time."""
    return list(itertools.islice(
        timing.Timing(cron, zone).ticks(after), count))


class TicksTest(unittest.TestCase):

    def test_in_autumn_an_hour_that_comes_twice_brings_one_tick(self):
        self.assertEqual(
            [utc(2026, 10, 24, 0, 30), utc(2026, 10, 25, 0, 30),
             utc(2026, 10, 26, 1, 30)],
            first('30 2 * * *', 'Europe/Berlin', utc(2026, 10, 23, 12), 3))

    def test_who_looks_in_the_second_of_the_hours_sees_no_tick_of_the_first(
            self):
        self.assertEqual(
            [utc(2026, 10, 26, 1, 45)],
            first('45 2 * * *', 'Europe/Berlin', utc(2026, 10, 25, 1, 40), 1))

    def test_in_spring_the_hour_that_is_missing_brings_its_tick_after_it(self):
        self.assertEqual(
            [utc(2026, 3, 28, 1, 30), utc(2026, 3, 29, 1, 0),
             utc(2026, 3, 30, 0, 30)],
            first('30 2 * * *', 'Europe/Berlin', utc(2026, 3, 27, 12), 3))

    def test_what_comes_each_hour_comes_each_hour_of_the_change_too(self):
        found = first('0 * * * *', 'Europe/Berlin', utc(2026, 10, 24, 22), 6)
        self.assertEqual([utc(2026, 10, 24, 23) + datetime.timedelta(hours=n)
                          for n in range(6)], found)

    def test_clocks_that_are_changed_by_half_an_hour_lose_no_tick(self):
        # Half past one comes twice on the day before.
        found = first('*/30 0 * * *', 'Australia/Lord_Howe',
                      utc(2026, 4, 4), 4)
        self.assertEqual([utc(2026, 4, 4, 13), utc(2026, 4, 4, 13, 30),
                          utc(2026, 4, 5, 13, 30), utc(2026, 4, 5, 14)],
                         found)

    def test_what_comes_each_half_hour_of_one_hour_comes_with_that_hour(self):
        self.assertEqual(
            [utc(2026, 10, 25, 0), utc(2026, 10, 25, 0, 30),
             utc(2026, 10, 25, 1), utc(2026, 10, 25, 1, 30),
             utc(2026, 10, 26, 1)],
            first('*/30 2 * * *', 'Europe/Berlin', utc(2026, 10, 24, 12), 5))
        self.assertEqual(
            [utc(2026, 3, 28, 1), utc(2026, 3, 28, 1, 30),
             utc(2026, 3, 30, 0)],
            first('*/30 2 * * *', 'Europe/Berlin', utc(2026, 3, 27, 12), 3))

    def test_a_day_without_midnight_begins_with_its_first_hour(self):
        for zone, expected in (
                # Wall clocks go from 23:59 to 01:00.
                ('America/Havana', [utc(2026, 3, 7, 5), utc(2026, 3, 8, 5),
                                    utc(2026, 3, 9, 4)]),
                ('Africa/Cairo', [utc(2024, 4, 24, 22), utc(2024, 4, 25, 22),
                                  utc(2024, 4, 26, 21)])):
            with self.subTest(zone=zone):
                self.assertEqual(expected, first(
                    '0 0 * * *', zone,
                    expected[0] - datetime.timedelta(hours=1), 3))

    def test_the_last_friday_of_a_month_is_one(self):
        self.assertEqual(
            [utc(2026, 2, 27), utc(2026, 3, 27)],
            first('0 0 * * 5L', 'UTC', utc(2026, 2, 1), 2))

    @hypothesis.settings(deadline=None, derandomize=True,
                         max_examples=300)
    @hypothesis.given(crons(), strategies.sampled_from(CHANGES),
                      strategies.integers(-36 * 60, 36 * 60),
                      strategies.integers(1, 20 * 3600))
    def test_whoever_looks_whenever_sees_the_same_ticks(
            self, cron, change, minutes, seconds):
        zone, day = change
        one = timing.Timing(cron, zone)
        early = utc(*day) + datetime.timedelta(minutes=minutes)
        late = early + datetime.timedelta(seconds=seconds)
        end = late + datetime.timedelta(days=2)
        seen = [list(itertools.takewhile(lambda tick: tick <= end,
                                         one.ticks(start)))
                for start in (early, late)]
        self.assertEqual([tick for tick in seen[0] if tick > late], seen[1])
        self.assertEqual(sorted(set(seen[0])), seen[0])

    @hypothesis.settings(deadline=None, derandomize=True)
    @hypothesis.given(crons(), zones, times, strategies.integers(0, 90))
    def test_the_newest_are_the_last_of_all(self, cron, zone, after, days):
        one = timing.Timing(cron, zone)
        until = after + datetime.timedelta(days=days)
        hypothesis.assume(one.shortest() >= datetime.timedelta(hours=1))
        every = list(itertools.takewhile(lambda tick: tick <= until,
                                         one.ticks(after)))
        self.assertEqual(every[-2:], one.newest(after, until))

    def test_the_newest_of_many_years_are_found_without_counting(self):
        self.assertEqual(
            [utc(2030, 12, 31, 23, 59), utc(2031, 1, 1)],
            timing.Timing('* * * * *', 'UTC').newest(utc(1990, 1, 1),
                                                     utc(2031, 1, 1)))

    def test_the_newest_around_a_year_without_its_leap_day_are_found(self):
        self.assertEqual([utc(2092, 2, 29), utc(2096, 2, 29)],
                         timing.Timing('0 0 29 2 *', 'UTC').newest(
                             utc(2000, 1, 1), utc(2104, 2, 28)))


class RefusedTest(unittest.TestCase):

    def refused(self, argument, *given):
        with self.assertRaises(errors.InvalidArgument, msg=given) as caught:
            timing.Timing(*given)
        self.assertEqual(argument, caught.exception.values['argument'], given)
        return str(caught.exception)

    def test_days_that_never_come_are_refused(self):
        for cron in ('0 0 31 2 *', '0 0 30 2 *', '0 0 31 4,6 *',
                     '0 0 31 9,11 *', '0 0 */15 * 1#2'):
            self.assertIn('never', self.refused('cron', cron, 'UTC'))

    def test_a_leap_day_comes_even_after_a_century(self):
        self.assertEqual(
            [utc(2096, 2, 29), utc(2104, 2, 29)],
            first('0 0 29 2 *', 'UTC', utc(2095, 1, 1), 2))

    def test_what_is_no_expression_of_five_fields_is_refused(self):
        for cron in ('', '*', '* * * *', '0 * * * * *', '60 * * * *',
                     '* 24 * * *', '* * 0 * *', '* * * 13 *', '* * * * 8',
                     '@daily', '*/0 * * * *', '5-1 * * * *', '٣ * * * *',
                     '* * * * L', '1#2/3 * * * *', '* * L/ * *',
                     '9' * 5000 + ' * * * *'):
            self.refused('cron', cron, 'UTC')

    def test_zones_that_nobody_knows_are_refused(self):
        for name in ('', 'Mars/Olympus', 'Europe', 'europe/berlin', '/etc',
                     '../../etc/passwd', 'localtime', 'Factory', '\0'):
            self.refused('timezone', '0 1 * * *', name)

    @hypothesis.settings(deadline=None, derandomize=True)
    @hypothesis.given(strategies.one_of(
        strategies.text(),
        strategies.text('0123456789*/,-#LW \t', max_size=30)))
    def test_any_text_is_an_expression_or_a_bad_argument(self, text):
        try:
            found = timing.Timing(text, 'UTC')
        except errors.InvalidArgument:
            return
        next(found.ticks(utc(2026, 1, 1)))

    def test_windows_and_jitters_end_before_the_next_tick(self):
        daily = timing.Timing('0 1 * * *', 'Europe/Berlin')
        timing.demand(daily, 24 * 60, 3600)
        hourly = timing.Timing('0 * * * *', 'UTC')
        for name, given in (('window_minutes', (61, 0)),
                            ('jitter_seconds', (60, 3601))):
            with self.assertRaisesRegex(errors.InvalidArgument,
                                        f'{name}: .* 60 minutes'):
                timing.demand(hourly, *given)
        self.assertRaises(errors.InvalidArgument, timing.demand,
                          timing.Timing('0 1,3 * * *', 'UTC'), 121, 0)


class KeyTest(unittest.TestCase):

    def test_expressions_that_mean_the_same_have_one_key(self):
        for same in (('0 1 * * *', '00 01 * * *', '0  1 * * *'),
                     ('0 1 * * 0', '0 1 * * 7', '0 1 * * sun'),
                     ('0,30 1 * JAN *', '30,0 1 * 1 *')):
            self.assertEqual(1, len({timing.Timing(cron, 'UTC').key
                                     for cron in same}), same)

    def test_expressions_that_mean_something_else_have_another(self):
        different = ('0 1 * * *', '0 2 * * *', '1 1 * * *', '0 1 1 * *',
                     '0 1 * 1 *', '0 1 * * 1', '0 1 1 * 1',
                     # Of days of months or weeks, and of both.
                     '0 1 */31 * 1')
        self.assertEqual(len(different), len(
            {timing.Timing(cron, 'UTC').key for cron in different}))


class JitterTest(unittest.TestCase):

    @hypothesis.settings(deadline=None, derandomize=True)
    @hypothesis.given(strategies.uuids(), strategies.integers(0, 3600))
    def test_it_is_of_the_id_and_within_bounds(self, id, most):
        found = timing.jitter(str(id), most)
        self.assertEqual(found, timing.jitter(str(id), most))
        self.assertLessEqual(datetime.timedelta(), found)
        self.assertLessEqual(found, datetime.timedelta(seconds=most))

    def test_ids_spread_over_all_of_it(self):
        found = {timing.jitter(f'schedule {number}', 9).seconds
                 for number in range(200)}
        self.assertEqual(set(range(10)), found)
