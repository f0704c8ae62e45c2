# SPDX-License-Identifier: Apache-2.0
import unittest

from baas.node.quiesce import deadman


def _record(**more):
    return dict({'job': 'j', 'closed': False, 'boot_id': 'this',
                 'undos': [{'kind': 'unit', 'unit': 'a.service'}],
                 'deadline': 100.0, 'deadline_boot': 'this'}, **more)


class VerdictTest(unittest.TestCase):

    def test_it_waits_before_the_deadline(self):
        self.assertEqual('wait', deadman.verdict(_record(), 'this', 99.9))

    def test_it_fires_at_the_deadline(self):
        self.assertEqual('fire', deadman.verdict(_record(), 'this', 100.0))

    def test_it_fires_at_once_after_a_reboot(self):
        self.assertEqual('fire', deadman.verdict(_record(), 'other', 1.0))

    def test_it_does_not_fire_when_nothing_is_owed(self):
        record = _record(undos=[])
        self.assertEqual('wait', deadman.verdict(record, 'other', 1000.0))

    def test_it_disarms_itself_without_an_open_job(self):
        self.assertEqual('disarm', deadman.verdict(None, 'this', 0.0))
        record = _record(closed=True)
        self.assertEqual('disarm', deadman.verdict(record, 'this', 1000.0))

    def test_a_lag_left_by_a_dead_prepare_ends_after_a_reboot(self):
        record = _record(undos=[{'kind': 'desync'}], deadline=None)
        self.assertEqual('wait', deadman.verdict(record, 'this', 1000.0))
        self.assertEqual('fire', deadman.verdict(record, 'other', 1.0))
