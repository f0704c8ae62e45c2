# SPDX-License-Identifier: Apache-2.0
"""How the services of a restored node start, and what is found already."""
import hashlib

from baas.node import errors
from baas.node.restore import recover
from baas.node.restore import service_hold
from baas.node.system import clock
from baas.node.system import nics
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

UNIT = 'printf "Id=a.service\\nActiveState=%s\\nConditionResult=%s\\n"\n'
CARD = {'name': 'eno1', 'mac': '52:54:00:00:00:0a', 'slot': '0000:00:03.0'}


class StartTest(base.NodeTest):

    def have(self, state, condition='yes', looked=0):
        standins.scripts(self, systemctl=UNIT % (state, condition)
                         + 'echo ConditionTimestampMonotonic=%d' % looked)

    def test_a_unit_that_does_not_come_up_is_named(self):
        self.have('failed')
        with self.assertRaisesRegex(errors.NodeError,
                                    r'Not started: a.service \(failed\)'):
            service_hold._start(['a.service'], clock.boottime())

    def test_what_a_condition_of_its_own_holds_back_is_not_waited_for(self):
        asked = {'a.service': (0, 5)}
        for condition, looked, pending in (
                ('no', 6 * 10**6, {}),
                # It was looked at before it was asked for.
                ('no', 4 * 10**6, {'a.service': 'inactive'}),
                ('yes', 6 * 10**6, {'a.service': 'inactive'})):
            self.have('inactive', condition, looked)
            self.assertEqual(pending, service_hold._pending(
                ['a.service'], asked))

    def test_what_a_backup_has_set_and_cannot_be_unset_is_named(self):
        standins.scripts(self, ceph='exit 1')
        with self.assertRaisesRegex(errors.NodeError, 'has set ceph:noout'):
            service_hold._undo([{'kind': 'ceph', 'thing': 'noout'}], 0)


class RecoverTest(base.NodeTest):

    def test_a_file_list_that_is_there_is_not_fetched_again(self):
        path = self.write('files.jsonl', 'the list')
        asked = self.asked('recover', files_sha256=hashlib.sha256(
            b'the list').hexdigest())
        # There is nothing to fetch it from.
        self.assertEqual(path, recover._fetch_list(asked, None, self.folder))

    def test_cards_that_took_the_place_of_others_are_told_of(self):
        self.addCleanup(setattr, nics, 'present', nics.present)
        nics.present = lambda: [dict(CARD, mac='52:54:00:00:01:bb')]
        self.write('root/etc/netplan/x.yaml', CARD['mac'])
        asked, told = self.asked('recover', layout={'cards': [CARD]}), []
        asked.log = told.append
        self.assertEqual(['/etc/netplan/x.yaml'], recover._readdress(
            asked, self.path('root')))
        self.assertEqual(
            ['Network card eno1, 52:54:00:00:00:0a, becomes '
             '52:54:00:00:01:bb, in the same slot.',
             '/etc/netplan/x.yaml names the new card.'], told)
