# SPDX-License-Identifier: Apache-2.0
import types
import unittest

from baas.jobs import outage


def row(**columns):
    """Make a row of a backup as the set's view reads it."""
    return types.SimpleNamespace(**{
        'quiesce_mode': 'stop', 'outage_seconds': 2.0, 'service_outages': {},
        'client_outage_seconds': None, **columns})


class TestOfNode(unittest.TestCase):

    def test_resume_tells_the_outage_of_the_node_and_of_each_service(self):
        self.assertEqual(
            {'outage_seconds': 4.5, 'service_outages': {'nova': 4.0}},
            outage.of_node({'resume': {'outage': 4.5,
                                       'services': {'nova': 4.0}}}, True))

    def test_services_that_only_rest_has_told_count(self):
        self.assertEqual({'nova': 1.0}, outage.of_node(
            {'quiesce': {'services': {'nova': 1.0}},
             'resume': {'outage': 2.0}}, True)['service_outages'])

    def test_a_node_that_has_not_said_is_not_called_without_outage(self):
        self.assertEqual({}, outage.of_node({}, True))

    def test_where_nothing_was_to_rest_there_was_none(self):
        self.assertEqual({'outage_seconds': 0.0, 'service_outages': {}},
                         outage.of_node({}, False))


class TestOfClients(unittest.TestCase):

    def test_the_longest_gap_of_all_probes_counts(self):
        self.assertEqual(1.5, outage.of_clients({
            'a': {'barrier': {'probes': {
                'vip:80': {'client_outage': 0.1},
                'vip:443': {'client_outage': 1.5, 'answers': 40}}}},
            'b': {'barrier': {'probes': {'vip:80': {
                'client_outage': None}}}}, 'c': {}}))

    def test_without_probes_nothing_is_known(self):
        self.assertIsNone(outage.of_clients({'a': {'barrier': {}}}))


class TestOfSet(unittest.TestCase):

    def test_the_longest_of_all_nodes_is_that_of_the_set(self):
        self.assertEqual(
            {'quiesce_mode': 'freeze', 'outage_seconds': 3.0,
             'service_outages': {'nova': 2.0, 'galera': 3.0},
             'client_outage_seconds': 2.5},
            outage.of_set([
                row(quiesce_mode='freeze', service_outages={'nova': 2.0}),
                row(quiesce_mode='freeze', outage_seconds=3.0,
                    service_outages={'nova': 1.0, 'galera': 3.0},
                    client_outage_seconds=2.5),
                row(quiesce_mode=None, outage_seconds=None)]))

    def test_a_set_of_before_outages_were_kept_has_none(self):
        self.assertEqual(
            {}, outage.of_set([row(service_outages=None)])['service_outages'])

    def test_a_set_whose_moment_has_not_come_has_no_figures(self):
        self.assertIsNone(outage.of_set([row(outage_seconds=None)]))
