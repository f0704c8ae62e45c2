# SPDX-License-Identifier: Apache-2.0
import dataclasses
import unittest

import hypothesis
from hypothesis import strategies

from baas.retention import suspicion
from baas.tests.unit.retention import made

GIB = 1 << 30


def quiet():
    """Make the figures of a backup as it is on most nights."""
    return strategies.builds(
        lambda size, files, added, percent: suspicion.Measure(
            size, files, added * percent // 100, added),
        strategies.integers(9 * GIB, 11 * GIB),
        strategies.integers(180000, 220000),
        strategies.integers(GIB // 5, GIB), strategies.integers(34, 45))


def anything():
    """Make figures of any kind."""
    size = strategies.integers(0, 1 << 45)
    return strategies.builds(
        suspicion.Measure, size_bytes=size, stored_bytes=size,
        files=strategies.integers(0, 10 ** 8),
        added_bytes=strategies.none() | size)


def histories(one, least=suspicion.LEAST):
    """Make what was before, the newest first."""
    return strategies.lists(one, min_size=least, max_size=30)


class PropertiesTest(unittest.TestCase):

    @made.SETTINGS
    @hypothesis.given(anything(), histories(anything(), 0), strategies.data())
    def test_a_short_history_finds_nothing_odd(self, one, earlier, data):
        self.assertEqual([], suspicion.judge(
            one, earlier[:suspicion.LEAST - 1]))

    @made.SETTINGS
    @hypothesis.given(anything(), strategies.integers(0, 30))
    def test_what_is_as_ever_is_never_odd(self, one, number):
        self.assertEqual([], suspicion.judge(one, [one] * number))

    @made.SETTINGS
    @hypothesis.given(quiet(), histories(quiet()))
    def test_quiet_nights_are_not_odd_among_each_other(self, one, earlier):
        self.assertEqual([], suspicion.judge(one, earlier))

    @made.SETTINGS
    @hypothesis.given(quiet(), quiet(), histories(quiet(), 5))
    def test_the_first_backup_of_all_makes_no_later_one_odd(
            self, one, first, earlier):
        first = dataclasses.replace(first, added_bytes=first.size_bytes,
                                    stored_bytes=first.size_bytes // 2)
        self.assertEqual([], suspicion.judge(one, [*earlier, first]))

    @made.SETTINGS
    @hypothesis.given(quiet(), histories(quiet()))
    def test_a_node_that_was_encrypted_is_always_odd(self, one, earlier):
        found = suspicion.judge(dataclasses.replace(
            one, added_bytes=one.size_bytes, stored_bytes=one.size_bytes),
            earlier)
        self.assertIn('100% of its data is new', found[0])
        self.assertIn('was compressed to 100% only', found[1])

    @made.SETTINGS
    # A history may allow for up to four times, and one of these nights may be
    # some way from its middle.
    @hypothesis.given(quiet(), histories(quiet()),
                      strategies.integers(6, 10 ** 6))
    def test_a_node_that_was_emptied_or_filled_is_always_odd(
            self, one, earlier, times):
        for name in ('files', 'size_bytes'):
            for value in (getattr(one, name) * times,
                          getattr(one, name) // times):
                self.assertTrue(suspicion.judge(
                    dataclasses.replace(one, **{name: value}), earlier))

    @made.SETTINGS
    @hypothesis.given(anything(), histories(anything()),
                      strategies.integers(0, 1 << 45))
    def test_more_new_data_is_never_less_odd(self, one, earlier, more):
        one = dataclasses.replace(one, added_bytes=None)
        odd = [text for text in suspicion.judge(one, earlier)
               if 'is new' in text]
        after = suspicion.judge(dataclasses.replace(
            one, stored_bytes=one.stored_bytes + more), earlier)
        self.assertLessEqual(
            len(odd), len([text for text in after if 'is new' in text]))

    @made.SETTINGS
    @hypothesis.given(anything(), strategies.lists(
        anything(), min_size=4, max_size=suspicion.MOST),
        strategies.randoms())
    def test_the_order_of_the_history_makes_no_difference(
            self, one, earlier, dice):
        before = suspicion.judge(one, earlier)
        dice.shuffle(earlier)
        self.assertEqual(before, suspicion.judge(one, earlier))

    @made.SETTINGS
    @hypothesis.given(anything(), histories(anything(), suspicion.MOST),
                      histories(anything()))
    def test_what_is_long_ago_makes_no_difference(self, one, earlier, ago):
        earlier = (earlier * 2)[:suspicion.MOST]
        self.assertEqual(suspicion.judge(one, earlier),
                         suspicion.judge(one, [*earlier, *ago]))


class SentencesTest(unittest.TestCase):

    def test_each_sentence_names_the_figure_and_what_is_usual(self):
        usual = suspicion.Measure(10 * GIB, 200000, GIB // 10, GIB // 5)
        self.assertEqual(
            ['it has 50000 files; usual are 200000'],
            suspicion.judge(dataclasses.replace(usual, files=50000),
                            [usual] * 4))
        self.assertEqual(
            ['50% of its data is new; usual is 2%'],
            suspicion.judge(dataclasses.replace(
                usual, added_bytes=5 * GIB), [usual] * 4))

    def test_little_new_data_says_nothing_of_how_it_is_compressed(self):
        usual = suspicion.Measure(10 * GIB, 200000, GIB // 10, GIB // 5)
        self.assertEqual([], suspicion.judge(dataclasses.replace(
            usual, added_bytes=GIB // 20, stored_bytes=GIB // 20),
            [usual] * 4))
