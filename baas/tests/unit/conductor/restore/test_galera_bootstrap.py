# SPDX-License-Identifier: Apache-2.0
import unittest

from baas.conductor.restore import galera_bootstrap


def at(seqno, uuid='u', safe=False):
    """Give what a node says of its database."""
    return {'uuid': uuid, 'seqno': seqno, 'safe': safe}


class TestFirst(unittest.TestCase):

    def test_the_highest_number_starts(self):
        self.assertEqual('b', galera_bootstrap.first(
            {'a': at(9, safe=True), 'b': at(10), 'c': at(2)}))

    def test_of_equals_the_last_to_stop_starts(self):
        self.assertEqual('c', galera_bootstrap.first(
            {'a': at(9), 'b': at(9), 'c': at(9, safe=True)}))

    def test_of_equals_the_first_by_name_starts_whatever_their_order(self):
        self.assertEqual('a', galera_bootstrap.first(
            {'c': at(9), 'a': at(9), 'b': at(9)}))

    def test_without_members_nobody_starts(self):
        self.assertIsNone(galera_bootstrap.first({'a': None, 'b': None}))
        self.assertIsNone(galera_bootstrap.first({}))


class TestProblems(unittest.TestCase):

    def test_members_of_one_cluster_have_none(self):
        self.assertEqual({}, galera_bootstrap.problems(
            {'a': at(1), 'b': at(2), 'c': None}))

    def test_a_member_of_another_cluster_is_named(self):
        bad = galera_bootstrap.problems({'a': at(1, 'v'), 'b': at(2),
                                         'c': at(2)})
        self.assertEqual(['a'], list(bad))
        self.assertIn('(v)', bad['a']['cause'])
