# SPDX-License-Identifier: Apache-2.0
"""A node of the lab that has a file system without snapshots."""
import os
import subprocess
import tempfile
import unittest

from baas.tests.lab import inside
from baas.tests.lab import machines
from baas.tests.lab import test_lab

setUpModule = test_lab.setUpModule


class TestAtRest(test_lab.LabTest):
    """Gives controller-2 a disk with ext4 for as long as a test lasts."""

    place = '/srv/none'

    def setUp(self):
        super().setUp()
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        image = os.path.join(self.folder.name, 'none.img')
        subprocess.run(['truncate', '-s', '1G', image], check=True)
        subprocess.run(['mkfs.ext4', '-q', image], check=True)
        self.loop = subprocess.run(
            ['losetup', '--find', '--show', image], check=True, text=True,
            capture_output=True).stdout.strip()
        self.addCleanup(subprocess.run, ['losetup', '-d', self.loop])
        self.mount()

    def mount(self):
        """Mount it as the machine itself would, if it had the device."""
        number = os.stat(self.loop).st_rdev
        device = '/dev/none-disk'
        inside.run(
            'controller-2',
            f'mkdir -p {self.place}; rm -f {device}; '
            f'mknod {device} b {os.major(number)} {os.minor(number)}; '
            f'mount -t ext4 {device} {self.place}')
        self.addCleanup(
            inside.run, 'controller-2',
            f'umount {self.place}; rmdir {self.place}; rm {device}')

    def test_without_rest_it_is_refused_by_name(self):
        job = test_lab.service.backup()
        self.assertEqual(('error', 'controller-2', 'check'), (
            job['state'], job['error']['node'], job['error']['step']))
        self.assertIn('/srv/none (ext4)', job['error']['cause'])
        self.assert_no_leftovers()

    def test_at_rest_it_is_read_and_everything_comes_back(self):
        machines.on('controller-2',
                    f'head -c 64M /dev/urandom > {self.place}/data; '
                    f'cp -a /srv/lab/data/small {self.place}/')
        job = test_lab.service.backup(stopall='yes')
        self.assert_done(job)
        self.assert_available(job['id'])
        self.assertEqual([], machines.complaints())
        self.assert_no_leftovers()
        job = test_lab.service.backup(stopall='yes')
        self.assert_done(job)
        rows = {row['node']: row
                for row in test_lab.service.backups(set_id=job['id'])}
        # The precopy and what changed since the last backup, no more.
        self.assertLess(rows['controller-2']['stored_bytes'], 64 << 20)
        self.assert_no_leftovers()


if __name__ == '__main__':
    unittest.main()
