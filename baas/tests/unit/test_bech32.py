# SPDX-License-Identifier: Apache-2.0
"""Keys of age, as people type them."""
import os
import unittest

from baas import bech32


class WholeTest(unittest.TestCase):

    def test_what_was_encoded_is_whole(self):
        for _time in range(20):
            self.assertTrue(bech32.is_whole('age', bech32.encode(
                'age', os.urandom(32))))

    def test_each_letter_that_is_another_is_found(self):
        text = bech32.encode('age', bytes(range(32)))
        for place, letter in enumerate(text):
            other = 'q' if letter != 'q' else 'p'
            self.assertFalse(bech32.is_whole(
                'age', text[:place] + other + text[place + 1:]), place)

    def test_what_is_longer_or_shorter_or_of_another_kind_is_not(self):
        text = bech32.encode('age', bytes(32))
        for wrong in ('', text[:-1], text + 'q', ' ' + text, text.upper(),
                      'x' + text, bech32.encode('agf', bytes(32)),
                      bech32.encode('age', bytes(31))):
            self.assertFalse(bech32.is_whole('age', wrong), wrong)
