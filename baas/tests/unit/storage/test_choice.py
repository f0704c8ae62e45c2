# SPDX-License-Identifier: Apache-2.0
"""What is read today of all that is stored."""
import unittest

import hypothesis
from hypothesis import strategies

from baas.storage.verification import objects

DAY = 24 * 3600.0
SETTINGS = hypothesis.settings(deadline=None, database=None,
                               derandomize=True)
SIZES = strategies.dictionaries(
    strategies.text('abcdef', min_size=1, max_size=4),
    strategies.integers(0, 1000), min_size=1, max_size=30)


class ChoiceTest(unittest.TestCase):

    @SETTINGS
    @hypothesis.given(SIZES, strategies.integers(1, 40))
    def test_all_is_read_once_in_a_period(self, sizes, period):
        ages = {}
        for _day in range(period):
            for name in objects.choose(sizes, ages, 1 / period,
                                       longest=period * DAY):
                ages[name] = 0.0
            ages = {name: age + DAY for name, age in ages.items()}
        unread = sizes.keys() - ages.keys()
        # What is empty costs nothing, and needs no reading on its day.
        self.assertEqual(0, sum(sizes[name] for name in unread))

    @SETTINGS
    @hypothesis.given(SIZES, strategies.integers(2, 20),
                      strategies.integers(1, 50))
    def test_what_comes_new_each_day_does_not_keep_the_old_from_it(
            self, sizes, period, new):
        # It was read when it was stored.
        sizes, ages = dict(sizes), dict.fromkeys(sizes, DAY)
        for day in range(2 * period):
            for name in objects.choose(sizes, ages, 1 / period,
                                       longest=period * DAY):
                ages[name] = 0.0
            ages = {name: age + DAY for name, age in ages.items()}
            sizes[f'new-{day}'], ages[f'new-{day}'] = new, 0.0
        self.assertLessEqual(max(ages.values()), (period + 1) * DAY)

    @SETTINGS
    @hypothesis.given(SIZES, strategies.floats(0.001, 1), strategies.data())
    def test_what_was_bad_is_read_first_and_always(self, sizes, share, data):
        bad = data.draw(strategies.sets(strategies.sampled_from(
            sorted(sizes))))
        ages = {name: data.draw(strategies.floats(0, 1e6)) for name in sizes}
        chosen = objects.choose(sizes, ages, share, since=1e7, faulty=bad)
        self.assertEqual(bad, set(chosen[:len(bad)]))

    @SETTINGS
    @hypothesis.given(SIZES, strategies.floats(0.001, 0.999))
    def test_at_least_the_share_is_read_and_each_once(self, sizes, share):
        chosen = objects.choose(sizes, {}, share)
        self.assertEqual(len(chosen), len(set(chosen)))
        self.assertGreaterEqual(sum(sizes[name] for name in chosen),
                                share * sum(sizes.values()))

    def test_an_interrupted_reading_of_all_goes_on(self):
        self.assertEqual(['b', 'c'], objects.choose(
            {'a': 1, 'b': 1, 'c': 1}, {'a': 5.0, 'b': 50.0, 'c': 20.0}, 1,
            since=10.0))
