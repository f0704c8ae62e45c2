# SPDX-License-Identifier: Apache-2.0
import re
import unittest

import hypothesis
from hypothesis import strategies
from oslo_config import cfg

from baas.conf import delay
from baas.conf import quiesce
from baas import duration


class DurationTest(unittest.TestCase):

    def test_numbers_are_seconds(self):
        self.assertEqual(30.0, duration.seconds(30))
        self.assertEqual(1.5, duration.seconds(1.5))
        self.assertEqual(0.0, duration.seconds(0))

    def test_text_has_a_unit_or_means_seconds(self):
        for text, seconds in (('30', 30.0), ('30s', 30.0), ('1.5s', 1.5),
                              ('2m', 120.0), ('1h', 3600.0), ('0', 0.0)):
            self.assertEqual(seconds, duration.seconds(text), text)

    def test_what_is_no_duration_is_refused(self):
        for value in ('', 's', '-1', '30 s', '1d', '٣s', '1e3', '30s\n',
                      'inf', 'nan', '25h', -1, 86401, float('inf'),
                      float('nan'), 10 ** 400, True, None, [], {}):
            with self.assertRaisesRegex(ValueError, 'such as', msg=value):
                duration.seconds(value)

    @hypothesis.given(strategies.text())
    def test_what_the_pattern_refuses_is_no_duration(self, text):
        if not re.fullmatch(duration.PATTERN, text):
            with self.assertRaises(ValueError):
                duration.seconds(text)

    @hypothesis.given(strategies.from_regex(duration.PATTERN, fullmatch=True))
    def test_what_the_pattern_allows_is_a_duration(self, text):
        self.assertLessEqual(duration.seconds(text), duration.MOST)

    @hypothesis.given(strategies.integers(0, 99999),
                      strategies.sampled_from([('', 1), ('s', 1), ('m', 60),
                                               ('h', 3600)]))
    def test_the_pattern_holds_the_bound(self, number, unit):
        self.assertEqual(
            number * unit[1] <= duration.MOST,
            bool(re.fullmatch(duration.PATTERN, f'{number}{unit[0]}')))


class OptionTest(unittest.TestCase):

    def configured(self, value):
        conf = cfg.ConfigOpts()
        conf.register_opts(quiesce.OPTS, group=quiesce.GROUP)
        conf([], default_config_files=[])
        conf.set_override('max_outage', value, group=quiesce.GROUP)
        return conf.quiesce.max_outage

    def test_the_option_takes_text(self):
        self.assertEqual(120.0, self.configured('2m'))

    def test_the_option_refuses_what_is_no_duration(self):
        with self.assertRaises(ValueError):
            self.configured('soon')


class DelayTest(unittest.TestCase):

    def test_text_has_a_unit(self):
        for text, seconds in (('0', 0), ('90s', 90), ('30m', 1800),
                              ('12h', 43200), ('3d', 259200),
                              ('2w', 1209600)):
            self.assertEqual(seconds, duration.delay(text), text)

    def test_what_is_no_delay_is_refused(self):
        for text in ('', 'd', '3', '-1d', '3 d', '1.5h', '03d', '3y', '0d',
                     '1000d', '100000s', '3d\n', '٣d'):
            with self.assertRaisesRegex(ValueError, 'such as', msg=text):
                duration.delay(text)

    def test_the_limits_are_told_and_are_those_that_count(self):
        told = re.findall('([0-9]{3,})([a-z])', duration.DELAY_REASON)
        self.assertEqual('smhdw', ''.join(unit for _most, unit in told))
        for most, unit in told:
            duration.delay(f'{most}{unit}')
            with self.assertRaises(ValueError):
                duration.delay(f'{int(most) + 1}{unit}')

    @hypothesis.given(strategies.from_regex(duration.DELAY, fullmatch=True))
    def test_no_delay_is_longer_than_twenty_years(self, text):
        self.assertLess(duration.delay(text), 20 * 366 * 24 * 3600)

    def test_an_option_is_checked_when_it_is_read(self):
        conf = cfg.ConfigOpts()
        conf.register_opt(delay.option('some', default='3d', help='-'))
        conf([])
        self.assertEqual('3d', conf.some)
        conf.set_override('some', '12h')
        self.assertEqual('12h', conf.some)
        self.assertRaises(ValueError, conf.set_override, 'some', 'soon')
