# SPDX-License-Identifier: Apache-2.0
"""Volumes that are no matter of a backup, and commands that go on alone."""
import json
import os
import signal
import subprocess
import time

from baas.node.disks import filesystems
from baas.node import journal
from baas.node import paths
from baas.node import snapshots
from baas.tests.machine import volumes
from baas.tests.unit.node import base

# It is slow, and goes on when the program that began it is gone.
SLOW = '''#!/bin/sh
touch "$0.begun"
sleep 3
PATH=${PATH#*:} exec lvcreate "$@"
'''


class ChoiceTest(volumes.NodeTest):

    def drivers(self):
        """Give the driver of each file system, by its mount point."""
        return {os.path.relpath(os.fsdecode(mount['mountpoint']), paths.TOP):
                snapshots.name(mount) for mount in filesystems.captured()}

    def test_each_file_system_has_the_driver_of_what_it_is_on(self):
        ours, theirs = volumes.group(self), volumes.group(
            self, 1, 'cinder-volumes')
        paths.TOP = self.path('node')
        for name in ('root', 'boot', 'swap', 'raw'):
            volumes.volume('%s/%s' % (ours, name), '--size', '120M')
        volumes.run('mkswap', '/dev/%s/swap' % ours)
        volumes.run('lvcreate', '--yes', '--snapshot', '--size', '40M',
                    '--name', 'old', ours + '/root')
        volumes.volume(theirs + '/volume-1', '--size', '100M')
        volumes.mount(self, ours + '/root', paths.TOP, 'ext4')
        volumes.mount(self, ours + '/boot', self.path('node', 'boot'),
                      'ext3')
        volumes.mount(self, theirs + '/volume-1',
                      self.path('node', 'disk'), 'ext4')
        volumes.mount(self, ours + '/old', self.path('node', 'old'), 'ext4')
        volumes.mount(self, ours + '/raw', self.path('node', 'btrfs'),
                      'btrfs')
        self.assertEqual({'.': 'lvm', 'boot': 'lvm', 'disk': 'none',
                          'old': 'none', 'btrfs': 'btrfs'}, self.drivers())

    def test_a_plain_partition_of_the_boot_loader_is_read_live(self):
        volumes.volume(volumes.group(self) + '/root', '--size', '100M')
        paths.TOP = self.path('node')
        volumes.mount(self, 'vg-node/root', paths.TOP, 'ext4')
        efi = self.path('node', 'boot', 'efi')
        os.makedirs(efi)
        volumes.run('mkfs.vfat', volumes.DISKS[1])
        volumes.run('mount', volumes.DISKS[1], efi)
        self.addCleanup(volumes.run, 'wipefs', '--all', volumes.DISKS[1])
        self.addCleanup(volumes.run, 'umount', efi)
        self.assertEqual({'.': 'lvm', 'boot/efi': 'live'}, self.drivers())


class AloneTest(volumes.NodeTest):

    def test_a_snapshot_that_comes_after_its_program_died_is_removed(self):
        paths.TOP = self.path('node')
        volumes.volume(volumes.group(self) + '/root', '--size', '100M')
        volumes.mount(self, 'vg-node/root', paths.TOP, 'ext4')
        before = volumes.all_of_them()
        journal.begin(base.JOB, 1, 'backup')
        slow = self.write('bin/lvcreate', SLOW)
        os.chmod(slow, 0o755)
        program = subprocess.Popen(
            self.program() + ['snapshot', '--job', base.JOB, '--epoch', '1',
                              '--options', '-'], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env=dict(self.environment(), PATH='%s:%s' % (
                os.path.dirname(slow), os.environ['PATH'])))
        program.stdin.write(json.dumps({'capture': {}}).encode())
        program.stdin.close()
        until = time.monotonic() + 60
        while not os.path.exists(slow + '.begun'):
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)
        program.send_signal(signal.SIGKILL)
        program.wait()
        self.assertEqual(before, volumes.all_of_them())
        status, said = self.call('release', '--epoch', '2')
        self.assertEqual((0, 1), (status, len(said['result']['dropped'])),
                         said)
        self.assertEqual(before, volumes.all_of_them())
