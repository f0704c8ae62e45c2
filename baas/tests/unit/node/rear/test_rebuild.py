# SPDX-License-Identifier: Apache-2.0
"""The layout that ReaR is given in its rescue system."""
import os

from baas.node.disks import devices
from baas.node import errors
from baas.node.rear import rebuild
from baas.tests.unit.node import base
from baas.tests.unit.node.disks import test_matching
from baas.tests.unit.node import standins

LSBLK = """
for name, kind in (('vda', 'disk'), ('vda1', 'part'), ('vdb', 'disk'),
                   ('md0', 'raid1'), ('vg-root', 'lvm')):
    print('/dev/' + name, kind)
"""
PVS = """
print('/dev/md0 vg')
print('/dev/sdz1 other')
print('/dev/vda1 ')
"""
LAYOUT = ('disk /dev/sda 100 gpt\npart /dev/sda 50 10 x none /dev/sda1\n'
          'fs /dev/sda1 / xfs uuid=1\n')


class LayoutTest(base.NodeTest):

    def read(self, name):
        with open(self.path('top/var/lib/rear/layout', name)) as handle:
            return handle.read()

    def make(self):
        self.write('top/var/lib/rear/layout/disklayout.conf', LAYOUT)
        for name in ('sda1', 'sdb1', 'vg-lv_root'):
            self.write(f'top/var/lib/rear/layout/xfs/{name}.xfs', name)

    def test_it_names_the_disks_of_this_machine(self):
        self.make()
        rebuild.write_layout(rebuild.original(), {'/dev/sda': '/dev/nvme0n1'})
        self.assertIn('fs /dev/nvme0n1p1 / xfs',
                      self.read('disklayout.conf'))
        self.assertEqual('sda1', self.read('xfs/nvme0n1p1.xfs'))
        self.assertEqual('vg-lv_root', self.read('xfs/vg-lv_root.xfs'))

    def test_another_try_begins_with_what_it_was(self):
        self.make()
        swap = {'/dev/sda': '/dev/sdb', '/dev/sdb': '/dev/sda'}
        for _ in range(3):
            rebuild.write_layout(rebuild.original(), swap)
        self.assertIn('disk /dev/sdb 100', self.read('disklayout.conf'))
        self.assertEqual(('sdb1', 'sda1'), (self.read('xfs/sda1.xfs'),
                                            self.read('xfs/sdb1.xfs')))
        self.assertEqual(3, len(os.listdir(
            self.path('top/var/lib/rear/layout/xfs'))))

    def test_a_rescue_system_of_no_node_is_refused(self):
        with self.assertRaisesRegex(errors.NodeError, 'has no layout'):
            rebuild.original()

    def test_a_disk_for_which_there_is_none_is_refused(self):
        size = 1 << 60
        text = LAYOUT.replace('100', str(size)).replace('50', str(size - 9))
        with self.assertRaisesRegex(errors.NodeError, 'no disk for'):
            rebuild.plan(text, None)


class PlanTest(base.NodeTest):

    def test_the_disk_that_will_do_is_chosen_and_others_are_left_alone(self):
        self.addCleanup(setattr, devices, 'present', devices.present)
        devices.present = lambda: [
            test_matching.new('/dev/sdx', 100, path='bay-1'),
            test_matching.new('/dev/sdy', 10, marks=['data'])]
        chosen, alone, _ = rebuild.plan(LAYOUT, None)
        self.assertEqual([('/dev/sda', '/dev/sdx')],
                         [(one['from'], one['to']) for one in chosen])
        self.assertEqual(['/dev/sdy'], alone)


class AloneTest(base.NodeTest):

    def test_what_lies_upon_the_disks_is_let_go(self):
        standins.install(self, lsblk=LSBLK, pvs=PVS, **dict.fromkeys(
            ('vgchange', 'mdadm'), "note(' '.join(sys.argv))"))
        rebuild._let_go(['/dev/vda', '/dev/vdb'])
        self.assertEqual(
            ['vgchange -an -- vg', 'mdadm --stop /dev/md0'],
            [line.rpartition('/bin/')[2] for line in standins.asked(self)])

    def test_filling_is_a_part_of_the_progress(self):
        told = []
        asked = self.asked('recover', root='/mnt')
        asked.report = lambda **more: told.append(more)
        scaled = rebuild._ScaledProgress(asked)
        for percent in (0, 50, 100):
            scaled.report(percent=percent)
        scaled.report(task='filling')
        self.assertEqual('/mnt', scaled.option('root'))
        parts = [one['percent'] for one in told[:3]]
        self.assertEqual(sorted(set(parts)), parts)
        self.assertGreater(parts[0], 0)
        self.assertLess(parts[2], 100)
        self.assertEqual({'task': 'filling'}, told[3])
