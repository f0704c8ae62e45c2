# SPDX-License-Identifier: Apache-2.0
import unittest

from baas.conductor.restore import cluster
from baas.tests.unit.conductor.restore import test_healthy_members as said


class TestCluster(unittest.TestCase):

    def test_where_nobody_answers_there_is_nothing_to_come_back_to(self):
        found = cluster.Cluster({})
        self.assertEqual((None, False, {}), (
            found.fencing_suppressor(), found.is_alive(),
            found.expected(['host-a'])))

    def test_members_without_a_cluster_are_none(self):
        found = cluster.Cluster({'b': said.check()})
        self.assertEqual((None, False, {}), (
            found.fencing_suppressor(), found.is_alive(),
            found.expected(['host-a'])))

    def test_the_nodes_are_expected_beside_those_that_are_there(self):
        found = cluster.Cluster({
            'c': said.check(galera=said.galera(),
                            pacemaker=said.pacemaker('host-b', 'host-c')),
            'b': said.check(galera=said.galera(),
                            pacemaker=said.pacemaker('host-b', 'host-c')),
            'd': said.check()})
        self.assertEqual(
            {'galera_size': 3, 'online': ['host-a', 'host-b', 'host-c']},
            found.expected(['host-a']))
        self.assertEqual(('b', True), (found.fencing_suppressor(),
                                       found.is_alive()))

    def test_their_brokers_are_expected_where_they_had_some(self):
        running = ['rabbit@host-b.internal.example', 'rabbit@host-c']
        # The dead one may be thought to run, for a while.
        found = cluster.Cluster({
            'b': said.check(rabbitmq={'running': running}),
            'c': said.check(rabbitmq={
                'running': running + ['rabbit@host-a.internal.example']})})
        self.assertEqual({'rabbitmq': 3}, found.expected(['host-a'], 1))
        self.assertEqual({}, found.expected(['host-a']))
        self.assertEqual({}, cluster.Cluster({'b': said.check()}).expected(
            ['host-a'], 1))

    def test_pacemaker_alone_has_no_state_that_a_node_takes(self):
        found = cluster.Cluster({
            'b': said.check(pacemaker=said.pacemaker('host-b'))})
        self.assertFalse(found.is_alive())
