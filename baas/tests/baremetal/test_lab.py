# SPDX-License-Identifier: Apache-2.0
"""What round trips on bare metal stand on: the lab itself."""
import unittest
import uuid

from baas.tests.baremetal import metal

NODE = '/v1/nodes/bm-controller-0'


def tearDownModule():
    metal.lab('down')


class MachineTest(unittest.TestCase):

    def setUp(self):
        super().setUp()
        metal.lab('up')

    def test_root_and_database_are_volumes_with_room_for_snapshots(self):
        said = metal.on(
            'findmnt -no FSTYPE /; findmnt -no FSTYPE /var/lib/mysql; '
            'vgs --noheadings --nosuffix --units m -o vg_free vg; '
            'lvcreate -qq -s -n probe -L 64m vg/lv_root; '
            'mount -o ro,nouuid /dev/vg/probe /mnt; ls /mnt/srv/lab/README; '
            'umount /mnt; lvremove -qqf vg/probe').split()
        self.assertEqual(['xfs', 'ext4'], said[:2])
        self.assertGreater(float(said[2]), 2000)
        self.assertEqual('/mnt/srv/lab/README', said[3])

    def test_what_it_writes_by_nfs_is_in_the_folder_of_the_host(self):
        word = uuid.uuid4().hex
        metal.on(f'mount -t nfs -o nfsvers=4.1,nolock {metal.HOST}:/backup '
                 f'/mnt; echo {word} >/mnt/{word}; umount /mnt')
        written = metal.STATE / 'backup' / word
        self.assertEqual(word, written.read_text().strip())
        written.unlink()

    def test_ironic_switches_it_and_keeps_it_active(self):
        metal.ironic('PUT', f'{NODE}/states/power', {'target': 'power off'})
        metal.wait_until('power off', lambda: metal.status()['machine']
                         == 'shut off', 200)
        metal.ironic('PUT', f'{NODE}/states/power', {'target': 'power on'})
        metal.wait_until('a login', lambda: metal.status()['well'], 400)
        node = metal.ironic('GET', NODE)
        self.assertEqual(('active', 'power on'),
                         (node['provision_state'], node['power_state']))

    def test_with_blank_disks_it_asks_the_network_for_its_boot(self):
        web = metal.STATE / 'logs' / 'web.log'
        before = web.read_text().count('GET /boot.ipxe')
        metal.lab('wreck', '--disk', '12G')
        disk = metal.STATE / 'machine' / 'disk-0.img'
        self.assertEqual((12 << 30, 0),
                         (disk.stat().st_size, disk.stat().st_blocks))
        metal.lab('power', 'on')
        metal.wait_until(
            'boot.ipxe is asked for', lambda: web.read_text().count(
                'GET /boot.ipxe') > before, 120)
