# SPDX-License-Identifier: Apache-2.0
"""Shares as people write them."""
import unittest

import hypothesis
from hypothesis import strategies

from baas import share


class ShareTest(unittest.TestCase):

    def test_shares_are_understood(self):
        for text, fraction in (('5%', 0.05), ('100%', 1), ('0.5%', 0.005),
                               ('99.9999%', 0.999999), ('1/30', 1 / 30),
                               ('1/1', 1), ('0.001%', 1e-5)):
            self.assertAlmostEqual(fraction, share.fraction(text))

    def test_what_is_none_is_refused(self):
        for text in ('0%', '0.0%', '0.000%', '101%', '100.1%', '100.0%',
                     '-5%', '5', '', '1/0', '2/3', '5 %', '5%\n', '٣%', None,
                     5, 0.5):
            with self.subTest(text), self.assertRaises(ValueError):
                share.fraction(text)

    @hypothesis.settings(deadline=None, database=None, derandomize=True)
    @hypothesis.given(strategies.from_regex(share.PATTERN, fullmatch=True))
    def test_what_the_pattern_allows_is_more_than_nothing_and_at_most_all(
            self, text):
        if text.isascii():
            self.assertTrue(0 < share.fraction(text) <= 1)
