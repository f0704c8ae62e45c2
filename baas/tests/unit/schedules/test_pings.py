# SPDX-License-Identifier: Apache-2.0
import datetime
import re
import unittest

from baas.schedules import pings

NOW = datetime.datetime(2026, 5, 4)
MINUTE = datetime.timedelta(minutes=1)


class AddressTest(unittest.TestCase):

    def test_start_and_fail_are_put_behind_the_path(self):
        for url, start in (
                ('https://hc/ping/1', 'https://hc/ping/1/start'),
                ('https://hc/ping/1/', 'https://hc/ping/1/start'),
                ('http://hc:8000', 'http://hc:8000/start'),
                ('HTTPS://hc/1', 'https://hc/1/start'),
                ('https://hc/1?token=x', 'https://hc/1/start?token=x')):
            self.assertEqual(start, pings.address(url, pings.START))
        self.assertEqual('https://hc/1/fail',
                         pings.address('https://hc/1', pings.FAIL))
        self.assertEqual('https://hc/1',
                         pings.address('https://hc/1', pings.SUCCESS))

    def test_what_is_shown_is_the_host_alone(self):
        self.assertEqual('hc.example.org',
                         pings.host('https://hc.example.org:8443/ping/1?x'))
        self.assertEqual('hc', pings.host('HTTPS://hc/1'))

    def test_addresses_that_are_none_do_not_fit(self):
        for url in ('ftp://hc/1', 'https://u:p@hc/1', 'https://hc/1#x',
                    'https://hc/1 2', 'https:///1', 'https://hc:0/1',
                    'https://hc:65536/1', 'https://h..c/1', 'hc/1',
                    'https://[::1]/1', 'https://hc?x'):
            self.assertIsNone(re.fullmatch(pings.PATTERN, url), url)
        for url in ('http://127.0.0.1:8000', 'https://hc.example.org:65535/1',
                    'https://hc/a/b?c=d&e', 'HTTPS://hc/1', 'Http://hc'):
            self.assertIsNotNone(re.fullmatch(pings.PATTERN, url), url)


class TriesTest(unittest.TestCase):

    def test_tries_come_more_and_more_rarely(self):
        self.assertTrue(pings.is_due(0, None, NOW))
        for tries, minutes in ((1, 1), (2, 2), (4, 8), (7, 60), (11, 60)):
            self.assertFalse(pings.is_due(
                tries, NOW, NOW + minutes * MINUTE - MINUTE / 60))
            self.assertTrue(pings.is_due(tries, NOW, NOW + minutes * MINUTE))

    def test_a_clock_that_was_set_back_makes_nobody_wait(self):
        self.assertTrue(pings.is_due(3, NOW, NOW - 60 * MINUTE))
