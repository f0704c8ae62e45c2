# SPDX-License-Identifier: Apache-2.0
"""Which nodes a backup can do without, and what clusters say of that."""
import unittest

import hypothesis
from hypothesis import strategies

from baas.conductor.backup import cluster_check
from baas.conductor.backup import degraded
from baas.runner import progress

NODES = ('a', 'b', 'c', 'd')
ENDS = ('well', 'fails', 'silent', 'refuses', 'says nothing')


def ended(ends, status='failed'):
    """Give the progress of a check that nodes have ended in some way."""
    seen = progress.Progress()
    seen.status = status
    for node, end in ends.items():
        if end == 'well':
            seen.results[node] = {'check': {'time': 0.0}}
        elif end != 'says nothing':
            seen.failures[node] = {'cause': end, 'hint': 'Look.',
                                   'task': 'Check'}
        if end == 'silent':
            seen.silent.add(node)
    return seen


class TestSilent(unittest.TestCase):

    @hypothesis.given(strategies.fixed_dictionaries(
        {node: strategies.sampled_from(ENDS) for node in NODES}))
    def test_only_the_silent_are_left_out_and_only_if_all_others_are_well(
            self, ends):
        lost = degraded.silent(ended(ends), NODES)
        silent = {node for node in NODES if ends[node] == 'silent'}
        others = {ends[node] for node in NODES} - {'silent'}
        self.assertEqual(silent if others == {'well'} else set(), set(lost))

    def test_a_run_that_was_ended_proves_no_silence(self):
        for status in ('canceled', 'timeout', None):
            self.assertEqual({}, degraded.silent(
                ended({'a': 'well', 'b': 'silent'}, status), 'ab'))

    def test_what_is_offered_stands_behind_what_was_to_be_done(self):
        seen = ended({'a': 'well', 'b': 'silent'})
        degraded.offer(seen.failures, ['b'])
        self.assertRegex(seen.failures['b']['hint'],
                         r'^Look\. .*allow_degraded \(--allow-degraded\)\.$')


class TestClusters(unittest.TestCase):
    """Of three members one is missing."""

    def setUp(self):
        self.found = {node: {
            'time': 0.0, 'galera': {'state': 'Synced', 'size': 2},
            'pacemaker': {'quorum': True, 'online': ['a', 'b'],
                          'offline': ['c']},
            'rabbitmq': {'running': ['rabbit@a', 'rabbit@b']}}
            for node in 'ab'}

    def bad(self, missing=('c',)):
        return cluster_check.problems(self.found, (), missing)

    def test_what_is_due_to_the_missing_node_is_no_problem(self):
        self.assertEqual({}, self.bad())

    def test_without_a_missing_node_it_is_one(self):
        self.assertEqual({'a', 'b'}, set(self.bad(missing=())))

    def test_names_may_be_short_or_long(self):
        self.assertEqual({}, self.bad(missing=('c.example',)))
        for check in self.found.values():
            check['pacemaker']['offline'] = ['c.example']
        self.assertEqual({}, self.bad())
        self.assertEqual({}, self.bad(missing=('c.example',)))
        self.assertEqual({'a', 'b'}, set(self.bad(missing=('c.other',))))

    def test_a_further_member_that_is_offline_is_named_alone(self):
        self.found['a']['pacemaker']['offline'] = ['c', 'd']
        [problem] = self.bad().values()
        self.assertEqual('Pacemaker members are offline: d.',
                         problem['cause'])

    def test_a_member_that_is_online_is_not_missing(self):
        for check in self.found.values():
            check['pacemaker'].update(online=['a', 'b', 'c'], offline=[])
        self.assertIn('online', self.bad()['a']['cause'])
        self.assertEqual({}, self.bad(missing=('d',)))

    def test_brokers_that_do_not_see_each_other_are_found(self):
        self.found['b']['rabbitmq']['running'] = ['rabbit@b']
        self.assertEqual(['b'], list(self.bad()))

    def test_half_of_the_brokers_are_no_quorum(self):
        self.assertEqual({'a', 'b'}, set(self.bad(missing=('c', 'd'))))
        del self.found['b']
        self.found['a']['galera']['size'] = 1
        self.assertIn('1 of 2 members of RabbitMQ',
                      self.bad()['a']['cause'])

    def test_where_no_broker_runs_none_is_missing(self):
        for check in self.found.values():
            check['rabbitmq'] = None
        self.assertEqual({}, self.bad())

    def test_a_galera_in_two_parts_stays_a_problem(self):
        self.found['a']['galera']['size'] = 1
        self.assertEqual(['a'], list(self.bad()))
