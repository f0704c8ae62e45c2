# SPDX-License-Identifier: Apache-2.0
"""What is foreseen of the disks of a restore."""
import unittest

from baas.boot.ironic import inventory
from baas.jobs import disks
from baas.node.disks import matching as choosing
from baas.tests.unit.node.disks.test_matching import GIB
from baas.tests.unit.node.disks.test_matching import new
from baas.tests.unit.node.disks.test_matching import old

LAYOUT = {'disks': [old('/dev/sda', serial='S3Z1NB0A'),
                    old('/dev/sdb', serial='S3Z1NB0B'),
                    old('/dev/sdc', serial='S3Z1NB0C')],
          'filesystems': [{'mountpoint': '/', 'disks': ['/dev/sda']},
                          {'mountpoint': '/srv',
                           'disks': ['/dev/sda', '/dev/sdb']}]}


class ExpectTest(unittest.TestCase):

    def test_each_file_system_goes_where_its_disks_go(self):
        target_devices, said = disks.expect(LAYOUT, [
            new('/dev/sdx', serial='S3Z1NB0B'),
            new('/dev/sdy', serial='S3Z1NB0A')])
        self.assertEqual({'/': '/dev/sdy', '/srv': '/dev/sdy, /dev/sdx'},
                         target_devices)
        # The third disk has nothing on it that is restored.
        self.assertEqual(
            ['/dev/sda becomes /dev/sdy, the same serial number.',
             '/dev/sdb becomes /dev/sdx, the same serial number.'], said)

    def test_the_plan_has_the_choice_and_the_reason_of_the_restore(self):
        data = old('/dev/sdd', serial='S3Z1NB0D', size=2 * GIB)
        layout = {'disks': [old('/dev/sda', serial='S3Z1NB0D', path='p'),
                            data],
                  'filesystems': [{'mountpoint': '/',
                                   'disks': ['/dev/sda']}]}
        # The number is that of two disks of the node: it chooses none.
        present = [new('/dev/sdx', path='p'),
                   new('/dev/sdy', serial='S3Z1NB0D', marks=['data'])]
        target_devices, [said] = disks.expect(layout, present)
        [choice] = choosing.choose(layout['disks'][:1], present,
                                   layout['disks'])
        self.assertEqual({'/': choice['to']}, target_devices)
        self.assertEqual(
            '/dev/sda becomes /dev/sdx, the same place.', said)
        self.assertIn(choice['why'], said)

    def test_of_an_inspection_it_is_told_what_is_not_known(self):
        layout = {'disks': [old(serial='S3Z1NB0A', wwn='')],
                  'filesystems': [{'mountpoint': '/'}]}
        for more, provided in (({}, False), ({'size': 9 * GIB}, True),
                               ({'serial': 'S3Z1NB0B'}, True)):
            present = inventory.disks({'disks': [{
                'name': '/dev/sda', 'size': 8 * GIB, 'serial': 'S3Z1NB0A',
                **more}]})
            [said] = disks.expect(layout, present)[1]
            self.assertEqual(provided, said.endswith(
                ', if it is blank or holds what is of the backup.'), said)

    def test_a_machine_without_such_disks_is_told_of(self):
        target_devices, [said] = disks.expect(LAYOUT,
                                              [new('/dev/sdx', size=GIB)])
        self.assertIsNone(target_devices)
        self.assertIn('There is no disk for /dev/sda', said)

    def test_of_an_old_manifest_only_one_disk_tells_what_is_on_it(self):
        filesystems = [{'mountpoint': '/'}]
        only = {'disks': [old()], 'filesystems': filesystems}
        self.assertEqual(({'/': '/dev/sdx'},
                          ['/dev/sda becomes /dev/sdx, the same size.']),
                         disks.expect(only, [new('/dev/sdx')]))
        self.assertEqual(({}, []), disks.expect(
            {**LAYOUT, 'filesystems': filesystems}, [new('/dev/sdx')]))


class InspectionTest(unittest.TestCase):
    """Inventories have what the agent of the service puts in them."""

    def test_what_identifies_a_disk_is_taken(self):
        [one] = inventory.disks({'disks': [{
            'name': '/dev/sda', 'size': 8 * GIB, 'serial': 'QM1',
            'wwn': '0x5000c500', 'wwn_with_extension': '0x5000c5000001',
            'by_path': '/dev/disk/by-path/pci-0000:00:07.0-ata-1',
            'logical_sectors': 4096, 'tran': 'sata'}]})
        self.assertEqual(
            ('QM1', '0x5000c5000001', 'pci-0000:00:07.0-ata-1', 4096, False),
            tuple(one[key] for key in ('serial', 'wwn', 'path', 'sector',
                                       'removable')))

    def test_an_older_agent_knows_less_and_its_disks_fit(self):
        present = inventory.disks({'disks': [
            {'name': '/dev/vdx', 'size': 8 * GIB, 'serial': None,
             'wwn': None}]})
        self.assertEqual({'/': '/dev/vdx'}, disks.expect(
            {'disks': [old()], 'filesystems': [{'mountpoint': '/'}]},
            present)[0])

    def test_without_disks_nothing_is_known(self):
        self.assertIsNone(inventory.disks({'cpu': {}}))
        self.assertIsNone(inventory.disks({'disks': []}))

    def test_cards_are_those_that_have_an_address(self):
        self.assertEqual(
            [{'name': 'eno1', 'mac': '52:54:00:00:00:0a',
              'slot': '0000:01:00.0'},
             {'name': 'eno2', 'mac': '52:54:00:00:00:0b', 'slot': ''}],
            inventory.cards({'interfaces': [
                {'name': 'eno1', 'mac_address': '52:54:00:00:00:0A',
                 'pci_address': '0000:01:00.0', 'has_carrier': True},
                {'name': 'eno2', 'mac_address': '52:54:00:00:00:0b'},
                {'name': 'ib0', 'mac_address': None}]}))
        self.assertIsNone(inventory.cards({}))
