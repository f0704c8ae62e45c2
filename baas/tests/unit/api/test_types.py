# SPDX-License-Identifier: Apache-2.0
import re
import unittest

import hypothesis
from hypothesis import strategies

from baas.api import types


class FlagTest(unittest.TestCase):

    def test_no_and_false_are_false(self):
        self.assertIs(False, types.flag.frombasetype('no'))
        self.assertIs(False, types.flag.frombasetype('false'))

    def test_yes_and_true_are_true(self):
        self.assertIs(True, types.flag.frombasetype('yes'))
        self.assertIs(True, types.flag.frombasetype('true'))

    @hypothesis.given(strategies.text())
    def test_nothing_else_is_a_flag(self, value):
        hypothesis.assume(value not in ('no', 'yes', 'true', 'false'))
        with self.assertRaises(ValueError):
            types.flag.frombasetype(value)

    def test_a_number_is_refused(self):
        with self.assertRaises(ValueError):
            types.flag.frombasetype(1)


class ChoiceTest(unittest.TestCase):

    def test_moon_is_refused_with_what_there_is(self):
        with self.assertRaisesRegex(ValueError, 'one of earth, sun'):
            types.choice('earth', 'sun').frombasetype('moon')

    def test_several_words_come_in_a_fixed_order_and_once(self):
        words = types.words('earth', 'sun')
        self.assertEqual(['earth', 'sun'], words.frombasetype('sun,earth'))
        self.assertEqual(['sun'], words.frombasetype('sun,sun'))
        for value in ('', 'sun,', 'sun moon', 'moon'):
            with self.assertRaisesRegex(ValueError, 'one of earth, sun'):
                words.frombasetype(value)

    def test_part_of_a_word_is_refused(self):
        with self.assertRaises(ValueError):
            types.choice('overcloud').frombasetype('over')


class UuidTest(unittest.TestCase):
    ID = '0c9d1f3e-5a1b-4a52-9d0e-0f3b7a3f6d21'

    @hypothesis.given(strategies.uuids())
    def test_every_uuid_is_one(self, value):
        self.assertEqual(str(value), types.uuid.frombasetype(str(value)))

    def test_capitals_become_small(self):
        self.assertEqual(self.ID, types.uuid.frombasetype(self.ID.upper()))

    def test_a_line_end_is_refused(self):
        with self.assertRaises(ValueError):
            types.uuid.frombasetype(self.ID + '\n')

    def test_braces_are_refused(self):
        with self.assertRaises(ValueError):
            types.uuid.frombasetype('{' + self.ID + '}')


class TextTest(unittest.TestCase):

    def test_255_characters_pass_and_256_do_not(self):
        self.assertEqual('é' * 255, types.text(255).frombasetype('é' * 255))
        with self.assertRaises(ValueError):
            types.text(255).frombasetype('é' * 256)

    def test_half_of_a_character_is_refused(self):
        with self.assertRaises(ValueError):
            types.text().frombasetype('\ud800')

    def test_a_direction_override_is_refused(self):
        with self.assertRaises(ValueError):
            types.text().frombasetype('a\u202eb')


class NumberTest(unittest.TestCase):

    @hypothesis.given(strategies.integers(min_value=1, max_value=2 ** 31 - 1))
    def test_numbers_within_bounds_pass(self, value):
        self.assertEqual(value, types.limit.frombasetype(str(value)))

    def test_bounds_are_kept(self):
        for value in ('0', '-1', str(2 ** 31), '1' * 30):
            with self.subTest(value), self.assertRaises(ValueError):
                types.limit.frombasetype(value)

    def test_what_int_would_take_is_refused(self):
        for value in ('1_0', ' 1', '١', '1\n', '1e1', ''):
            with self.subTest(value), self.assertRaises(ValueError):
                types.limit.frombasetype(value)


class SortTest(unittest.TestCase):
    SORT = types.sort(name='name', creation_date='created_at')

    def test_a_key_becomes_its_column(self):
        self.assertEqual([('created_at', 'desc'), ('name', 'asc')],
                         self.SORT.frombasetype('creation_date:desc,name'))

    def test_what_is_no_key_is_refused(self):
        for value in ('', 'created_at', 'name:', 'name:up', 'name,',
                      'name:asc:asc', 'name\n'):
            with self.subTest(value), self.assertRaises(ValueError):
                self.SORT.frombasetype(value)

    def test_of_a_key_that_is_there_twice_the_first_counts(self):
        self.assertEqual([('name', 'desc'), ('created_at', 'asc')],
                         self.SORT.frombasetype(
                             'name:desc,creation_date,name:asc'))

    def test_the_schema_says_the_same(self):
        pattern = self.SORT.schema['pattern']
        self.assertTrue(re.search(pattern, 'name:asc,creation_date'))
        self.assertFalse(re.search(pattern, 'name:up'))
