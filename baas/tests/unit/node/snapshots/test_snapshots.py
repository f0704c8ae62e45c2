# SPDX-License-Identifier: Apache-2.0
"""The contract of snapshots on btrfs, and what has none beside it."""
import os
import unittest

from baas.node.disks import btrfs
from baas.node import paths
from baas.node.snapshots import snapshot
from baas.tests.unit.node import base
from baas.tests.unit.node import loopdisks
from baas.tests.unit.node.snapshots import contract


@unittest.skipIf(loopdisks.why_not(), loopdisks.why_not())
class BtrfsTest(contract.SnapshotContract, base.NodeTest):

    driver = 'btrfs'

    def make_disks(self):
        paths.TOP = loopdisks.mount(self, 'node')
        loopdisks.mount(self, 'inner', place=os.path.join(paths.TOP, 'srv'))

    def everything(self):
        return [os.path.join(top, os.fsdecode(path))
                for top in (paths.TOP, os.path.join(paths.TOP, 'srv'))
                for path in btrfs.nested(os.fsencode(top))]

    def fill(self):
        with open(os.path.join(paths.TOP, 'filling'), 'wb') as handle:
            # Most of the room at once, so that the rest is soon gone.
            os.posix_fallocate(handle.fileno(), 0, 600 << 20)
            handle.seek(600 << 20)
            while not snapshot.problems({}):
                handle.write(bytes(4 << 20))

    def add_others(self):
        for job, name in ((base.OTHER, '0'), (base.JOB[:-1], '1')):
            folder = os.path.join(paths.TOP, paths.SNAPSHOTS, job)
            os.makedirs(folder)
            btrfs.create(os.fsencode(os.path.join(folder, name)))


@unittest.skipIf(loopdisks.why_not(), loopdisks.why_not())
class LiveTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        paths.TOP = loopdisks.mount(self, 'node')
        self.boot = os.path.join(paths.TOP, 'boot')
        loopdisks.mount(self, 'boot', 'ext4', 1 << 27, self.boot)
        self.kernel = os.path.join(self.boot, 'kernel')
        with open(self.kernel, 'w') as handle:
            handle.write('old')
        os.makedirs(paths.state('bin'))
        os.symlink(loopdisks.RESTIC, paths.state('bin', 'restic'))
        self.write('run/%s/password' % base.JOB, 'secret\n')
        self.options = {'repository': self.path('repository'),
                        'restic_args': [], 'backup': 'b-1', 'host': 'node-0',
                        'excludes': []}

    def test_a_boot_that_changed_since_the_moment_spoils_the_backup(self):
        self.assertEqual([], snapshot.problems({'stopall': False}))
        for verb in ('prepare', 'snapshot'):
            status, said = self.call(
                verb, '--epoch', '1', capture=self.options, **self.options)
            self.assertEqual(0, status, said)
        self.assertEqual([self.boot], said['result']['live'])
        status, said = self.call('capture', '--epoch', '1', **self.options)
        self.assertEqual(0, status, said)
        with open(self.kernel, 'w') as handle:
            handle.write('new')
        status, said = self.call('capture', '--epoch', '1', **self.options)
        self.assertEqual(1, status)
        self.assertIn('%s, which has no snapshot' % self.boot,
                      said['error']['cause'])
