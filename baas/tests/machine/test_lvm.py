# SPDX-License-Identifier: Apache-2.0
"""The contract of snapshots on volumes of LVM, thin and not."""
import os

from baas.node.disks import lvm
from baas.node import paths
from baas.node.snapshots import orphans
from baas.node.snapshots import snapshot
from baas.tests.machine import volumes
from baas.tests.unit.node import base
from baas.tests.unit.node.snapshots import contract


class LvmContract(contract.SnapshotContract):
    """What both kinds of volumes have in common."""

    def make_disks(self):
        self.group = volumes.group(self)
        self.make_volumes()
        paths.TOP = self.path('node')
        self.mounted = [
            (self.group + '/root', paths.TOP, 'ext4'),
            (self.group + '/sr-v', os.path.join(paths.TOP, 'srv'), 'xfs')]
        for name, place, kind in self.mounted:
            volumes.mount(self, name, place, kind)

    def everything(self):
        return volumes.all_of_them()

    def add_others(self):
        job = base.JOB.replace('-', '')
        for name, tag in (('theirs', 'baas-' + base.OTHER),
                          ('baas_%s_lvm_7' % job, 'nobody'),
                          ('baas_%s_lvm_thin_7' % job, 'baas')):
            volumes.run('lvcreate', '--yes', '--snapshot', '--name', name,
                        '--addtag', tag, *self.others,
                        self.group + '/root')

    def reboot(self):
        for _, place, _ in reversed(self.mounted):
            volumes.run('umount', place)
        volumes.run('vgchange', '--activate', 'n', self.group)
        volumes.run('vgchange', '--activate', 'ay', self.group)
        for name, place, _ in self.mounted:
            volumes.run('mount', '/dev/' + name, place)


class PlainTest(LvmContract, volumes.NodeTest):

    driver = 'lvm'
    others = ('--size', '8M')
    scarce = {'lvm_least_percent': 100}
    says_full = 'full|spoilt'
    says_scarce = 'vg-node gives [0-9]+ MiB for snapshots of '

    def setUp(self):
        super().setUp()
        # 40 MiB for the two of them: soon full.
        self.capture['lvm_use_percent'] = 10

    def make_volumes(self):
        volumes.volume(self.group + '/root', '--size', '160M')
        volumes.volume(self.group + '/sr-v', '--size', '320M')

    def fill(self):
        with open(os.path.join(paths.TOP, 'filling'), 'wb') as handle:
            for _ in range(40):
                handle.write(os.urandom(1 << 20))
            os.fsync(handle.fileno())

    def test_a_snapshot_that_ran_full_is_never_read(self):
        self.do('prepare', **self.capture)
        kept = self.take()['snapshots'][0]
        self.fill()
        self.assertIsNone(lvm.snapshot_use(lvm.device(kept['volume'])))
        status, said = self.call('capture', '--epoch', '1', **self.capture)
        self.assertEqual(1, status)
        self.assertIn('The snapshot of %s is spoilt' % paths.TOP,
                      said['error']['cause'])
        self.release()

    def test_extents_are_shared_by_the_size_of_volumes(self):
        kept = self.take()['snapshots']
        free = volumes.run('vgs', '--noheadings', '-o', 'vg_free_count',
                           self.group)
        sizes = [one['extents'] for one in kept]
        self.assertAlmostEqual(2.0, sizes[1] / sizes[0], delta=0.5)
        self.assertLessEqual(sum(sizes), (int(free) + sum(sizes)) // 10)
        self.release()


class ThinTest(LvmContract, volumes.NodeTest):

    driver = 'lvm-thin'
    others = ()
    says_scarce = 'vg--node-pool-tpool of .* of its data free'

    def make_volumes(self):
        volumes.volume(self.group + '/pool', '--type', 'thin-pool',
                       '--size', '200M', '--poolmetadatasize', '4M')
        for name in ('root', 'sr-v'):
            volumes.run('lvcreate', '--yes', '--virtualsize', '310M',
                        '--name', name, '--thinpool', 'pool', self.group)

    def fill(self):
        with open(os.path.join(paths.TOP, 'filling'), 'wb') as handle:
            while not snapshot.problems({}):
                handle.write(os.urandom(4 << 20))
                os.fsync(handle.fileno())

    def test_a_pool_that_fills_up_is_relieved_when_nobody_reads(self):
        self.take()
        self.assertIsNone(orphans.drop())
        self.fill()
        self.assertIn('have to stay free', orphans.drop())
        self.assertEqual(self.before, self.everything())
        self.put('one', 'still writable')
        self.release()

    def test_links_by_id_still_lead_to_the_volume_itself(self):
        link = '/dev/disk/by-uuid/' + volumes.run(
            'blkid', '-o', 'value', '-s', 'UUID', '/dev/vg-node/sr-v').strip()
        before = os.path.realpath(link)
        self.assertEqual(os.path.realpath('/dev/vg-node/sr-v'), before)
        for one in self.take()['snapshots']:
            lvm.activate(one['volume'])
        volumes.run('udevadm', 'settle')
        self.assertEqual(before, os.path.realpath(link))
        self.release()
        volumes.run('udevadm', 'settle')
        self.assertEqual(before, os.path.realpath(link))
