# SPDX-License-Identifier: Apache-2.0
"""What the check of a node finds in the way of a backup, and what it costs."""
import os

from baas.node.backup import check
from baas.node.backup import estimate
from baas.node.disks import filesystems
from baas.tests.unit.node import awkward
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

GALERA = {'state': 'Synced', 'status': 'Primary', 'size': 3}
PACEMAKER = {'quorum': True, 'online': ['a', 'b'], 'offline': []}
# In the mounts of the one process that asks.
TMPFS = 'for place; do :; done; exec /bin/mount -t tmpfs %s none "$place"'


class FolderTest(base.NodeTest):

    def causes(self, mounts=(), allowed=False):
        return [one['cause'] for one in check._folder_problems(
            self.path('storage'), mounts, allowed)]

    def test_a_folder_on_the_target_is_refused_unless_it_is_allowed(self):
        os.mkdir(self.path('storage'))
        mounts = [filesystems.holding(self.path('storage'))]
        self.assertEqual(
            ['The storage folder %s is on the target itself.'
             % self.path('storage')], self.causes(mounts))
        self.assertEqual([], self.causes(mounts, allowed=True))

    @base.needs_root
    def test_a_folder_that_takes_no_files_is_refused(self):
        os.mkdir(self.path('storage'))
        awkward.run('mount', '-t', 'tmpfs', '-o', 'ro', 'none',
                    self.path('storage'))
        self.addCleanup(awkward.run, 'umount', self.path('storage'))
        self.assertEqual(['The storage folder %s is not writable.'
                          % self.path('storage')], self.causes())


@base.needs_root
class ShareTest(base.NodeTest):

    def causes(self, mount):
        standins.scripts(self, mount='echo "$*" > %s\n%s' % (
            self.path('words'), mount))
        _, said = self.call('check', '--epoch', '1', share={
            'host': 'h', 'export': '/e', 'options': 'soft'})
        return ' '.join(one['cause'] for one in said['result']['problems'])

    def test_a_share_that_can_be_used_is_no_problem(self):
        self.assertNotIn('share', self.causes(TMPFS % ''))
        with open(self.path('words')) as handle:
            self.assertRegex(handle.read(), '^-t nfs -o soft,.* -- h:/e /')

    def test_a_share_that_takes_no_files_is_told(self):
        self.assertIn('The share is not writable for root',
                      self.causes(TMPFS % '-o ro'))

    def test_a_share_that_cannot_be_mounted_is_told_with_the_reason(self):
        self.assertIn(
            'The share h:/e cannot be mounted on this node: access denied.',
            self.causes('echo "access denied" >&2; exit 32'))


class ClusterTest(base.NodeTest):

    def causes(self, galera=None, pacemaker=None):
        return [one['cause'] for one in check._cluster_problems(
            {'galera': galera, 'pacemaker': pacemaker})]

    def test_a_cluster_that_is_well_is_no_problem(self):
        self.assertEqual([], self.causes())
        self.assertEqual([], self.causes(GALERA, PACEMAKER))

    def test_a_member_that_lags_or_stands_alone_is_named(self):
        for more in ({'state': 'Donor/Desynced'}, {'status': 'non-Primary'}):
            [cause] = self.causes({**GALERA, **more})
            self.assertIn(*more.values(), cause)

    def test_a_cluster_without_quorum_names_who_is_missing(self):
        [problem] = check._cluster_problems({'galera': None, 'pacemaker': {
            **PACEMAKER, 'quorum': False, 'offline': ['c', 'd']}})
        self.assertIn('no quorum', problem['cause'])
        self.assertIn('c, d', problem['hint'])


class NodeTest(base.NodeTest):

    def test_a_host_that_nobody_knows_is_not_the_node_itself(self):
        self.assertEqual([], check._addresses('fe80::1%no-such-card'))

    def test_units_that_nobody_can_tell_of_are_a_problem(self):
        standins.units(self, a__service={})
        standins.scripts(self, podman='exit 125')
        names, [problem] = check._would_quiesce({'units': ['podman:*']})
        self.assertEqual([], names)
        self.assertRegex(problem['cause'], 'podman.*125')


class EstimateTest(base.NodeTest):

    def test_a_walk_that_takes_too_long_is_given_up(self):
        top = os.fsencode(self.folder)
        self.assertIsNone(estimate.walk_seconds([top], -1))
        self.assertIsNotNone(estimate.walk_seconds([top], 60))

    def test_a_folder_that_has_vanished_costs_nothing(self):
        self.assertLess(estimate.walk_seconds([b'/no/such/folder']), 60)
