# SPDX-License-Identifier: Apache-2.0
"""Units that are started again, and how often systemd is asked to."""
from baas.node.services import systemd
from baas.node.system import clock
from baas.tests.unit.node import base
from baas.tests.unit.node import standins


class ResumeTest(base.NodeTest):
    def setUp(self):
        super().setUp()
        self.addCleanup(setattr, systemd, '_AGAIN', systemd._AGAIN)
        systemd._AGAIN = 0.3

    def starts(self, state, seconds):
        """Resume a unit in a state that does not change; count requests."""
        standins.units(self, slow__service={'ActiveState': state})
        undos = [{'kind': 'unit', 'unit': 'slow.service', 'was': 'active'}]
        back = list(systemd.Systemd().resume(
            undos, clock.boottime() + seconds))
        return back, standins.asked(self).count('start slow.service')

    def test_one_that_still_stops_is_asked_for_once(self):
        self.assertEqual(([], 1), self.starts('deactivating', 1.5))

    def test_one_that_has_stopped_is_started(self):
        back, asked = self.starts('inactive', 60)
        self.assertEqual((['slow.service'], 1),
                         ([undo['unit'] for undo in back], asked))
