# SPDX-License-Identifier: Apache-2.0
import unittest

from baas.conductor.backup import cluster_check


def well(time=1000.0, size=3):
    """Give what the check of a good member says."""
    return {'time': time, 'galera': {'state': 'Synced', 'size': size},
            'pacemaker': {'quorum': True, 'offline': []}}


class TestProblems(unittest.TestCase):

    def setUp(self):
        self.found = {name: well() for name in ('a', 'b', 'c')}

    def test_a_good_cluster_has_none(self):
        self.assertEqual({}, cluster_check.problems(self.found))

    def test_nodes_without_any_cluster_have_none(self):
        self.assertEqual({}, cluster_check.problems(
            {'u': {'time': 1.0, 'galera': None, 'pacemaker': None}}))

    def test_a_member_whose_database_is_down_is_named(self):
        self.found['b']['galera'] = None
        bad = cluster_check.problems(self.found)
        self.assertEqual(['b'], list(bad))
        self.assertIn('a, c', bad['b']['cause'])

    def test_a_cluster_in_two_parts_is_found(self):
        self.found['c'] = well(size=1)
        self.assertEqual(['c'], list(cluster_check.problems(self.found)))

    def test_an_offline_member_is_named(self):
        self.found['a']['pacemaker']['offline'] = ['x']
        self.assertIn('x', cluster_check.problems(self.found)['a']['cause'])

    def test_a_clock_that_is_off_is_named(self):
        self.found['c']['time'] = 1090.0
        bad = cluster_check.problems(self.found)
        self.assertEqual(['c'], list(bad))
        self.assertIn('+90', bad['c']['cause'])

    def test_checks_that_begin_seconds_apart_are_no_skew(self):
        self.found['c']['time'] = 1015.0
        self.assertEqual({}, cluster_check.problems(self.found))

    def test_what_no_node_knows_is_refused_if_somebody_wrote_it(self):
        for result in self.found.values():
            result['unknown'] = ['ghost', 'haproxy.service']
        bad = cluster_check.problems(self.found, {'ghost'})
        self.assertEqual({'a', 'b', 'c'}, set(bad))
        self.assertIn('ghost', bad['a']['cause'])
        self.assertNotIn('haproxy', bad['a']['cause'])
        self.assertEqual({}, cluster_check.problems(self.found))

    def test_what_one_node_knows_is_not_unknown(self):
        for node in 'ab':
            self.found[node]['unknown'] = ['ghost']
        self.found['c']['unknown'] = []
        self.assertEqual({}, cluster_check.problems(self.found, {'ghost'}))
