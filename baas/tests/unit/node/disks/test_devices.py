# SPDX-License-Identifier: Apache-2.0
"""What counts as a disk of this machine, and as a blank one."""
import os
import pathlib
import subprocess
import tempfile
import unittest

from baas.node.disks import btrfs
from baas.node.disks import devices
from baas.node.disks import filesystems
from baas.node.system import command


class NamesTest(unittest.TestCase):
    """Folders as those of the kernel."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.block = pathlib.Path(holder.name) / 'block'
        self.nodes = pathlib.Path(holder.name) / 'dev'
        self.nodes.mkdir()

    def device(self, name, node=True, **files):
        """Make a device as the kernel shows it."""
        (self.block / name).mkdir(parents=True)
        for file, text in files.items():
            (self.block / name / file).write_text(text)
        if node:
            path = self.nodes / name.replace('!', '/')
            path.parent.mkdir(exist_ok=True)
            path.touch()

    def test_a_hidden_path_of_a_drive_is_no_disk(self):
        self.device('nvme0c0n1', node=False, hidden='1\n')
        self.device('nvme0n1', hidden='0\n')
        self.device('nvme0c1n1', hidden='1\n')
        self.assertEqual(['nvme0n1'],
                         devices.names(self.block, self.nodes))

    def test_what_no_node_leads_to_is_no_disk(self):
        self.device('sda', node=False)
        self.device('sdb')
        self.device('cciss!c0d0')
        self.assertEqual(['cciss!c0d0', 'sdb'],
                         devices.names(self.block, self.nodes))

    def test_what_lies_upon_disks_is_no_disk(self):
        for name in ('loop0', 'dm-0', 'md127', 'sr0', 'zram0', 'vda'):
            self.device(name)
        self.assertEqual(['vda'], devices.names(self.block, self.nodes))

    def test_a_volume_lies_on_the_disk_whose_partition_is_below_it(self):
        self.addCleanup(setattr, devices, '_NUMBERS', devices._NUMBERS)
        devices._NUMBERS = str(self.nodes)
        self.device('sda', node=False)
        self.device('sda/sda1', node=False, partition='1')
        self.device('dm-0', node=False)
        (self.block / 'dm-0/slaves').mkdir()
        os.symlink(self.block / 'sda/sda1', self.block / 'dm-0/slaves/sda1')
        # A device that each machine has stands for the volume.
        os.symlink(self.block / 'dm-0', self.nodes / '1:3')
        self.assertEqual(['/dev/sda'], devices.under('/dev/null'))
        self.assertEqual([], devices.under('/no/such/device'))

    def used(self, *holders):
        """Tell what a disk is used for, on which some devices lie."""
        self.device('sdx', dev='1048575:1')
        for number, device in enumerate(holders):
            self.device('sdx/holders/dm-%d' % number, node=False, dev=device)
        return devices._used(str(self.block / 'sdx'), [])

    def test_a_disk_that_nothing_uses_is_not_used(self):
        self.assertEqual('', self.used('1048575:2'))

    def test_a_disk_is_used_by_what_is_mounted_from_what_lies_upon_it(self):
        mount = filesystems.mounts()[0]
        self.assertEqual(os.fsdecode(mount['mountpoint']),
                         self.used('1048575:2', mount['number']))


class BlankTest(unittest.TestCase):
    """blkid with files in the place of devices."""

    def content(self, data):
        """Give what is found in a file of this content."""
        with tempfile.NamedTemporaryFile(dir='/dev/shm') as file:
            file.write(data)
            file.flush()
            return devices.probe(file.name)

    def test_zeros_are_nothing(self):
        self.assertEqual({}, self.content(bytes(1 << 20)))

    def test_what_cannot_be_read_is_not_known_to_be_blank(self):
        self.assertIsNone(devices.probe('/dev/baas-is-not-there'))
        self.assertIsNone(self.content(b''))

    def test_two_file_systems_at_once_are_not_nothing(self):
        # What blkid cannot decide on, it does not name.
        first, second = self.made('mkfs.vfat'), self.made('mkfs.ext4', '-qF')
        self.assertIsNone(self.content(first[:1024] + second[1024:]))
        self.assertEqual('ext4', self.content(second)['TYPE'])

    def made(self, *words):
        """Make a file system in a file; give its bytes."""
        with tempfile.NamedTemporaryFile(dir='/dev/shm') as file:
            file.truncate(16 << 20)
            subprocess.run([command.find(words[0]), *words[1:], file.name],
                           check=True, stdout=subprocess.DEVNULL)
            return pathlib.Path(file.name).read_bytes()


class NameTest(unittest.TestCase):

    def test_a_name_that_btrfs_would_cut_off_makes_no_subvolume(self):
        with self.assertRaisesRegex(OSError, 'not a name'):
            btrfs.create(b'/tmp/' + b'n' * 256)
