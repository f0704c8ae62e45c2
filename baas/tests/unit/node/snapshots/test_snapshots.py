# SPDX-License-Identifier: Apache-2.0
"""The contract of snapshots on btrfs, and what has none beside it."""
import os
import unittest

from baas.node.disks import btrfs
from baas.node import errors
from baas.node import journal
from baas.node import paths
from baas.node.snapshots import btrfs as drivers
from baas.node.snapshots import lvm_thin
from baas.node.snapshots import monitor
from baas.node.snapshots import orphans
from baas.node.snapshots import snapshot
from baas.tests.unit.node import base
from baas.tests.unit.node import loopdisks
from baas.tests.unit.node.snapshots import contract
from baas.tests.unit.node import standins


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
class HiddenTest(base.NodeTest):

    def test_a_subvolume_below_another_mount_is_no_part_of_the_backup(self):
        top = loopdisks.mount(self, 'node')
        for name in ('seen', 'hidden'):
            btrfs.create(os.fsencode(os.path.join(top, name)))
        mount = {'mountpoint': os.fsencode(top)}

        def planned(*others):
            return [one['subvolume'] for one in drivers.Driver().plan(
                [mount], base.JOB, [mount['mountpoint'], *others], {})]
        self.assertEqual(['', 'hidden', 'seen'], planned())
        self.assertEqual(['', 'seen'], planned(
            os.fsencode(os.path.join(top, 'hidden'))))


class JournalTest(base.NodeTest):
    """What the journal says of snapshots that were taken."""

    def setUp(self):
        super().setUp()
        journal.begin(base.JOB, 1, 'backup')

    def test_what_is_taken_is_not_taken_again(self):
        with journal.edit(base.JOB, 1) as opened:
            opened.planned(snapshots=[{'path': 'a'}], live=['/boot'])
            opened.snapshotted()
        before = journal.load()
        self.assertEqual(
            {'snapshots': [{'path': 'a'}], 'live': ['/boot'],
             'offline_mounts': [], 'seconds': 0.0},
            snapshot.snapshot(self.asked('snapshot')))
        self.assertEqual(before, journal.load())

    def test_what_was_quiesced_anew_meanwhile_is_not_read_on(self):
        with journal.edit(base.JOB, 1) as opened:
            opened.quiescing('first', 9.0, [], {})
            opened.planned(offline_mounts=['/srv'])
        look = monitor.Monitor(self.asked('capture'), journal.load())
        look()
        with journal.edit(base.JOB, 1) as opened:
            opened.quiescing('second', 9.0, [], {})
        with self.assertRaisesRegex(errors.NodeError, 'was resumed before'):
            look.look()


class ThinTest(base.NodeTest):
    """A pool of LVM, as the status of device-mapper tells of it."""

    def strain(self, status):
        standins.scripts(self, dmsetup='echo 0 9 thin-pool ' + status)
        found = lvm_thin.Driver().strain(
            [{'pool': 'vg-pool-tpool', 'mountpoint': place}
             for place in (b'/', b'/srv')], {'reserve_percent': 20})
        self.assertTrue(all(one['hint'] for one in found))
        return [one['cause'] for one in found]

    def test_a_pool_with_room_is_no_problem(self):
        self.assertEqual([], self.strain('1 10/100 50/100 - rw'))

    def test_a_pool_that_fills_up_is_named_with_what_is_on_it(self):
        self.assertEqual(
            ['The thin pool vg-pool-tpool of /, /srv has 10% of its data '
             'free, and 20% have to stay free.'],
            self.strain('1 10/100 90/100 - rw'))
        self.assertIn('5% of its metadata',
                      self.strain('1 95/100 50/100 - rw')[0])

    def test_a_pool_that_takes_nothing_more_is_named(self):
        for status in ('1 10/100 50/100 - ro', '1 10/100 50/100 - rw x '
                       'needs_check', 'Fail'):
            [cause] = self.strain(status)
            self.assertIn('cannot be written to', cause)

    def test_snapshots_in_a_pool_that_fills_up_are_not_kept(self):
        standins.scripts(self, dmsetup='echo 0 9 thin-pool 1 9/100 99/100 - '
                         'rw')
        journal.begin(base.JOB, 1, 'backup')
        with journal.edit(base.JOB, 1) as opened:
            opened.planned(room={'reserve_percent': 5}, snapshots=[{
                'driver': 'lvm-thin', 'pool': 'p', 'mountpoint': '/',
                'path': '/'}])
        self.assertIn('has 1% of its data', orphans._reason(journal.load()))


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
