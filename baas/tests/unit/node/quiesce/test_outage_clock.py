# SPDX-License-Identifier: Apache-2.0
"""How long what is quiesced is out."""
import time
import unittest

from baas.node import journal_changes
from baas.node.quiesce import outage_clock
from baas.node.system import clock
from baas.tests.unit.node import base


class OutagesTest(unittest.TestCase):

    def quiesced(self, *titles):
        opened = journal_changes.Journal(journal_changes.fresh(
            base.JOB, 1, 'backup', {}), lambda data: None)
        opened.stage_quiescing([], titles)
        return opened

    def test_the_outage_lasts_until_the_last_is_back(self):
        opened = self.quiesced('a', 'b')
        start = opened.data['first_stop']
        for title, later in (('a', 2), ('b', 5), ('a', 9)):
            opened.resumed([], {title: outage_clock.lasted(
                opened.data, title, start + later)})
        self.assertEqual({'a': 2.0, 'b': 5.0},
                         outage_clock.services(opened.data))
        self.assertEqual(5.0, outage_clock.total(opened.data))

    def test_what_no_client_waits_for_does_not_count(self):
        opened = self.quiesced('a.service', 'b.timer', 'c.path')
        start = opened.data['first_stop']
        for title, later in (('a.service', 2), ('b.timer', 9),
                             ('c.path', 9)):
            opened.resumed([], {title: outage_clock.lasted(
                opened.data, title, start + later)})
        self.assertEqual(9.0, outage_clock.services(opened.data)['b.timer'])
        self.assertEqual(2.0, outage_clock.total(opened.data))

    def test_what_is_still_out_counts_until_now(self):
        opened = self.quiesced('a')
        time.sleep(0.05)
        self.assertGreater(outage_clock.total(opened.data), 0.04)

    def test_after_a_reboot_the_time_of_day_counts(self):
        data = {'first_stop': 10000.0, 'first_stop_time': time.time() - 60,
                'first_stop_boot': 'another',
                'outages': {'a': {'at': 10010.0, 'for': None}}}
        self.assertAlmostEqual(50, outage_clock.lasted(
            data, 'a', clock.boottime()), delta=5)

    def test_without_any_rest_there_was_no_outage(self):
        self.assertEqual((0.0, {}), (outage_clock.total({}),
                                     outage_clock.services({})))
