# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a label is told of the one that it is wrong with."""
import unittest

from baas.api.v1.backups import labels

KEY = 'must be 1 to 63 letters, digits, dots, dashes and underscores'
VALUE = 'must be text of 1 to 255 characters'


class LabelsTest(unittest.TestCase):

    def refused(self, datatype, value):
        with self.assertRaises(ValueError) as caught:
            datatype.frombasetype(value)
        return str(caught.exception)

    def test_a_key_that_is_none_is_named(self):
        for key in ('', 'a b', '-a', 'a' * 64, 'grün', 'a\n'):
            with self.subTest(key):
                for reason in (
                        self.refused(labels.LABELS, {'ok': '1', key: '1'}),
                        self.refused(labels.FILTER, ['ok:1', f'{key}:1'])):
                    self.assertIn(f'the key {ascii(key[:40])} {KEY}', reason)

    def test_of_a_value_that_is_none_the_key_is_named(self):
        for value in ('', 'a' * 256, 'a\nb', '\u200b', '\xad', ' \u3000',
                      '\ud800'):
            with self.subTest(value):
                for reason in (
                        self.refused(labels.LABELS, {'a': '1', 'b': value}),
                        self.refused(labels.FILTER, ['a:1', f'b:{value}'])):
                    self.assertIn(f'the value of b {VALUE}', reason)
        for value in (1, None, ['x'], {'x': 'y'}):
            self.assertIn(f'the value of b {VALUE}', self.refused(
                labels.LABELS, {'b': value}))

    def test_how_many_there_may_be_is_told(self):
        many = {f'a{number}': '1' for number in range(33)}
        for reason in (self.refused(labels.LABELS, many),
                       self.refused(labels.FILTER, [
                           f'{key}:1' for key in many])):
            self.assertEqual('must be at most 32 of them', reason)

    def test_what_is_no_object_is_told(self):
        for value in ('a', 1, ['a'], True):
            self.assertEqual('must be an object of texts, by their keys',
                             self.refused(labels.LABELS, value))
