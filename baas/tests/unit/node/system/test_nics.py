# SPDX-License-Identifier: Apache-2.0
import os
import unittest

from baas.node.system import nics
from baas.tests.unit.node import base

OLD = [{'name': 'eno1', 'mac': '52:54:00:00:00:0a', 'slot': '0000:00:03.0'},
       {'name': 'eno2', 'mac': '52:54:00:00:00:0b', 'slot': '0000:00:04.0'}]


def new(mac, slot=''):
    return {'name': 'eth0', 'mac': '52:54:00:00:01:' + mac, 'slot': slot}


class ChooseTest(unittest.TestCase):

    def choose(self, *there, wanted=OLD):
        chosen, lost = nics.choose(wanted, list(there))
        return [(one['name'], one['to'][-2:], one['why'])
                for one in chosen], lost

    def test_cards_that_are_there_are_not_replaced(self):
        self.assertEqual(([], []), self.choose(*OLD, new('cc')))

    def test_another_board_has_its_cards_in_the_same_slots(self):
        self.assertEqual(
            ([('eno1', 'aa', 'in the same slot'),
              ('eno2', 'bb', 'in the same slot')], []),
            self.choose(new('bb', '0000:00:04.0'),
                        new('aa', '0000:00:03.0')))

    def test_one_that_is_left_alone_takes_what_is_left(self):
        self.assertEqual(([('eno2', 'bb', 'the only one left')], []),
                         self.choose(OLD[0], new('bb', '0000:09:00.0')))

    def test_where_nothing_tells_them_apart_nothing_is_guessed(self):
        self.assertEqual(([], ['eno1', 'eno2']),
                         self.choose(new('aa'), new('bb')))

    def test_a_card_that_is_missing_is_named(self):
        self.assertEqual(([], ['eno2']), self.choose(OLD[0]))

    def test_of_an_old_backup_nothing_is_known(self):
        self.assertEqual(([], []), self.choose(new('aa'), wanted=[]))

    def test_each_has_its_sentence(self):
        self.assertEqual(
            ['Network card eno1, 52:54:00:00:00:0a, becomes '
             '52:54:00:00:01:aa, in the same slot.',
             'No network card takes the place of eno2: what is set for it '
             'stays as it is.'],
            nics.sentences(*nics.choose(
                OLD, [new('aa', '0000:00:03.0')])))


class PresentTest(base.NodeTest):

    def card(self, name, address, device=None, **files):
        self.write(f'net/{name}/address', address + '\n')
        for path, text in files.items():
            self.write(f'net/{name}/{path.replace("__", "/")}', text + '\n')
        if device:
            place = self.path('devices', device)
            os.makedirs(place, exist_ok=True)
            os.symlink(place, self.path('net', name, 'device'))

    def test_cards_are_told_from_what_is_made_of_them(self):
        self.card('lo', '00:00:00:00:00:00')
        self.card('br-ex', '52:54:00:00:00:0A')
        self.card('eth0', '52:54:00:00:00:0A',
                  'pci0000:00/0000:00:02.0/0000:01:00.0/virtio1')
        self.card('eth1', '52:54:00:00:00:0A', 'platform/card',
                  bonding_slave__perm_hwaddr='52:54:00:00:00:0B')
        self.card('vf0', '52:54:00:00:00:0C', 'pci0000:00/0000:01:10.1')
        os.mkdir(self.path('net', 'vf0', 'device', 'physfn'))
        self.assertEqual(
            [{'name': 'eth0', 'mac': '52:54:00:00:00:0a',
              'slot': '0000:01:00.0'},
             {'name': 'eth1', 'mac': '52:54:00:00:00:0b', 'slot': ''}],
            nics.present(self.path('net')))

    def test_this_machine_can_be_asked(self):
        for one in nics.present():
            self.assertRegex(one['mac'], '^([0-9a-f]{2}:)+[0-9a-f]{2}$')


class AdaptTest(base.NodeTest):
    pairs = [{'from': '52:54:00:00:00:0a', 'to': '52:54:00:00:00:0b'},
             {'from': '52:54:00:00:00:0b', 'to': '52:54:00:00:01:cc'}]

    def test_settings_get_the_new_addresses_as_they_wrote_the_old_ones(self):
        ifcfg = self.write('root/etc/sysconfig/network-scripts/ifcfg-eno1',
                           'HWADDR=52:54:00:00:00:0A\n# 52:54:00:00:00:0b\n')
        os.chmod(ifcfg, 0o640)
        os.chown(ifcfg, 5, 6)
        link = self.write('root/etc/systemd/network/10-x.link',
                          'MACAddress=52-54-00-00-00-0b\n')
        other = self.write('root/etc/hosts', '52:54:00:00:00:0a\n')
        same = self.write('root/etc/netplan/x.yaml', 'ethernets: {}\n')
        before = os.stat(same).st_mtime_ns
        self.assertEqual(
            ['/etc/systemd/network/10-x.link',
             '/etc/sysconfig/network-scripts/ifcfg-eno1'],
            nics.adapt(self.path('root'), self.pairs))
        found = os.stat(ifcfg)
        self.assertEqual((0o640, 5, 6), (found.st_mode & 0o777,
                                         found.st_uid, found.st_gid))
        for path, text in (
                (ifcfg, 'HWADDR=52:54:00:00:00:0B\n# 52:54:00:00:01:cc\n'),
                (link, 'MACAddress=52-54-00-00-01-cc\n'),
                (other, '52:54:00:00:00:0a\n')):
            with open(path) as handle:
                self.assertEqual(text, handle.read())
        self.assertEqual(before, os.stat(same).st_mtime_ns)

    def test_a_link_that_leads_out_of_the_tree_is_not_followed(self):
        outside = self.write('outside', '52:54:00:00:00:0a\n')
        os.makedirs(self.path('root', 'etc', 'netplan'))
        os.symlink(outside, self.path('root', 'etc', 'netplan', 'x.yaml'))
        self.assertEqual([], nics.adapt(self.path('root'), self.pairs))
        with open(outside) as handle:
            self.assertEqual('52:54:00:00:00:0a\n', handle.read())

    def test_what_is_too_large_to_be_settings_is_left_alone(self):
        path = self.write('root/etc/netplan/x.yaml', '52:54:00:00:00:0a\n'
                          + '#' * nics._MOST)
        self.assertEqual([], nics.adapt(self.path('root'), self.pairs))
        with open(path) as handle:
            self.assertTrue(handle.read().startswith('52:54:00:00:00:0a\n'))

    def test_without_another_card_nothing_is_looked_at(self):
        self.assertEqual([], nics.adapt('/nowhere', []))
