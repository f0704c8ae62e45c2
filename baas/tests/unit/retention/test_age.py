# SPDX-License-Identifier: Apache-2.0
import datetime
import re
import unittest

from baas.retention import age


class AgeTest(unittest.TestCase):

    def test_hours_days_weeks_and_years_are_read(self):
        for text, days in (('12h', 0.5), ('30d', 30), ('8w', 56),
                           ('1y', 365), ('99y', 99 * 365)):
            self.assertEqual(datetime.timedelta(days=days), age.parse(text))

    def test_what_is_none_is_refused_with_what_there_is(self):
        for text in ('', '0d', '-1d', '1m', '1.5d', 'd', '1d ', '100y',
                     '१d'):
            with self.subTest(text), self.assertRaisesRegex(
                    ValueError, 'must be whole hours, days, weeks or years, '
                                'and no minutes'):
                age.parse(text)

    def test_the_limits_are_told_and_are_those_that_count(self):
        told = re.findall('([0-9]+)([hdwy])', age.REASON)
        self.assertEqual(8, len(told), age.REASON)
        for (least, unit), (most, _unit) in zip(told[::2], told[1::2]):
            for text in (least + unit, most + unit):
                age.parse(text)
            for number in (int(least) - 1, int(most) + 1):
                with self.assertRaises(ValueError):
                    age.parse(f'{number}{unit}')
