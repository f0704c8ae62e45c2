# SPDX-License-Identifier: Apache-2.0
"""What the layout of ReaR says, and how it reads for other disks."""
import unittest

from baas.node import errors
from baas.node.rear import layout

LVM = '''# Disk /dev/vda
disk /dev/vda 8589934592 gpt
#disk /dev/vdb 1073741824 gpt
part /dev/vda 1048576 1048576 rear-noname bios_grub /dev/vda1
part /dev/vda 402653184 69206016 rear-noname none /dev/vda3
part /dev/vda 8117026816 471859200 rear-noname lvm /dev/vda4
lvmdev /dev/vg /dev/vda4 Wvpxf2-XVZO-AbfB 15853568
lvmgrp /dev/vg 4096 1935 7925760
lvmvol /dev/vg lv_root 4294967296b linear
fs /dev/mapper/vg-lv_root / xfs uuid=175a60c6-9c81 label=root  options=rw
fs /dev/vda3 /boot ext4 uuid=aa43bdf4-036a label=boot blocksize=1024
'''
RAID = '''disk /dev/sda 1000 gpt
part /dev/sda 500 100 x raid /dev/sda1
disk /dev/sdb 1000 gpt
part /dev/sdb 500 100 x raid /dev/sdb1
raidarray /dev/md0 level=raid1 raid-devices=2 uuid=8d05eb84:2de831d1 \
devices=/dev/sda1,/dev/sdb1
'''


class ReadTest(unittest.TestCase):

    def test_a_disk_has_its_partitions_and_what_is_on_them(self):
        [disk] = layout.read(LVM)
        self.assertEqual(('/dev/vda', 8589934592),
                         (disk['name'], disk['size']))
        self.assertEqual([69206016, 402653184], disk['partitions'][1])
        self.assertEqual(['wvpxf2xvzoabfb', 'aa43bdf4036a'], disk['marks'])

    def test_newer_rear_has_the_identifier_of_a_partition_after_it(self):
        for word in ('7a5a3aff-efaf-4ead-97e8-73ce273e5901', 'no-partuuid'):
            text = ''.join(
                line + (' ' + word if line.startswith('part ') else '') + '\n'
                for line in LVM.splitlines())
            self.assertEqual(layout.read(LVM), layout.read(text))

    def test_it_needs_room_for_its_partitions_and_no_more(self):
        text = LVM.replace('8589934592', '9589934592')
        [disk] = layout.read(text)
        self.assertEqual(471859200 + 8117026816 + (1 << 20), disk['needed'])

    def test_members_of_an_array_carry_its_mark(self):
        self.assertEqual([['8d05eb842de831d1']] * 2,
                         [disk['marks'] for disk in layout.read(RAID)])

    def test_what_would_ask_questions_is_refused(self):
        for line in ('multipath /dev/mapper/a 1 gpt /dev/sda,/dev/sdb',
                     'crypt /dev/mapper/a /dev/sda1 type=luks'):
            with self.assertRaisesRegex(errors.NodeError, 'without'):
                layout.read(RAID + line + '\n')

    def test_a_layout_without_disks_is_refused(self):
        with self.assertRaisesRegex(errors.NodeError, 'knows no disk'):
            layout.read('# nothing\n')

    def test_a_disk_is_known_as_it_was_when_the_layout_was_made(self):
        known = [{'name': '/dev/vda', 'size': 8589934592, 'sector': 512,
                  'wwn': 'w', 'serial': 's', 'path': 'p'}]
        [disk] = layout.known_as(layout.read(LVM), known)
        self.assertEqual(('w', 's', 'p', 512), (
            disk['wwn'], disk['serial'], disk['path'], disk['sector']))
        known[0]['size'] = 1
        [disk] = layout.known_as(layout.read(LVM), known)
        self.assertEqual('', disk['wwn'])


class RenamedTest(unittest.TestCase):

    def test_partitions_follow_their_disk(self):
        said = layout.renamed(
            'part /dev/sda 1 2 x none /dev/sda1\nlvmdev /dev/vg /dev/sda12 U',
            {'/dev/sda': '/dev/nvme0n1'})
        self.assertEqual(
            'part /dev/nvme0n1 1 2 x none /dev/nvme0n1p1\n'
            'lvmdev /dev/vg /dev/nvme0n1p12 U', said)

    def test_and_back_again(self):
        self.assertEqual('/dev/sda /dev/sda3', layout.renamed(
            '/dev/nvme0n1 /dev/nvme0n1p3', {'/dev/nvme0n1': '/dev/sda'}))

    def test_two_change_places_at_once(self):
        self.assertEqual(
            'devices=/dev/sdb1,/dev/sda1', layout.renamed(
                'devices=/dev/sda1,/dev/sdb1',
                {'/dev/sda': '/dev/sdb', '/dev/sdb': '/dev/sda'}))

    def test_names_that_only_begin_alike_stay(self):
        text = '/dev/sdaa /dev/sdaa1 /dev/mapper/sda1 /dev/nvme0n12 /x/dev/sda'
        self.assertEqual(text, layout.renamed(
            text, {'/dev/sda': '/dev/sdz', '/dev/nvme0n1': '/dev/sdy'}))

    def test_the_same_names_change_nothing(self):
        self.assertEqual(LVM, layout.renamed(
            LVM, {'/dev/vda': '/dev/vda'}))
