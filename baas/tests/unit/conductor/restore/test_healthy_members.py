# SPDX-License-Identifier: Apache-2.0
import unittest

from baas.conductor.restore import healthy_members

LOST = {'a': {'a', 'host-a'}}


def check(**more):
    """Make what the check of a node without any cluster says."""
    return {'hostname': 'host-a.example.org', 'galera': None,
            'pacemaker': None, 'rabbitmq': None, **more}


def galera(state='Synced', size=3, status='Primary'):
    """Make what Galera says."""
    return {'state': state, 'size': size, 'status': status}


def pacemaker(*online, quorum=True):
    """Make what Pacemaker says."""
    return {'quorum': quorum, 'online': list(online), 'offline': []}


class TestProblems(unittest.TestCase):

    def why(self, **found):
        """Give why node a is not restored over, or None."""
        return healthy_members.problems(found, LOST).get('a', {}).get('cause')

    def test_a_node_that_does_not_answer_is_restored(self):
        self.assertIsNone(self.why())
        self.assertIsNone(self.why(b=check(galera=galera(size=2))))

    def test_a_synced_member_is_spared(self):
        self.assertIn('its database is Synced with 3 members',
                      self.why(a=check(galera=galera())))

    def test_one_that_does_not_tell_is_spared(self):
        said = self.why(a=check(unanswered=['galera', 'rabbitmq']))
        self.assertIn('Nobody can tell', said)
        self.assertIn('galera, rabbitmq', said)
        self.assertIsNone(self.why(a=check(unanswered=['restic'])))

    def test_a_cluster_that_no_member_tells_of_is_named(self):
        silent = check(unanswered=['galera'])
        [said] = healthy_members.unsure({'b': silent, 'c': check()},
                                        ['a']).values()
        self.assertIn('the galera of b runs', said['cause'])
        self.assertEqual({}, healthy_members.unsure(
            {'b': silent, 'c': check(galera=galera())}, ['a']))
        self.assertEqual({}, healthy_members.unsure({'a': silent}, ['a']))

    def test_one_that_is_alone_or_not_synced_is_restored(self):
        for member in (galera(size=1), galera(state='Joining'),
                       galera(status='non-Primary')):
            self.assertIsNone(self.why(a=check(galera=member)))

    def test_one_that_has_itself_online_is_spared(self):
        self.assertIn('Pacemaker has it online', self.why(
            a=check(pacemaker=pacemaker('host-a', 'host-b'))))

    def test_one_without_quorum_or_company_is_restored(self):
        for found in (pacemaker('host-a', 'host-b', quorum=False),
                      pacemaker('host-a'), pacemaker('host-b', 'host-c')):
            self.assertIsNone(self.why(a=check(pacemaker=found)))

    def test_one_whose_broker_has_company_is_spared(self):
        self.assertIn('its broker runs with 2 members', self.why(
            a=check(rabbitmq={'running': ['rabbit@a', 'rabbit@b']})))
        self.assertIsNone(self.why(a=check(rabbitmq={
            'running': ['rabbit@a']})))

    def test_one_that_others_have_online_is_spared_though_it_is_silent(self):
        self.assertIn('Pacemaker of b has it online', self.why(
            b=check(pacemaker=pacemaker('host-a.example.org', 'host-b'))))

    def test_a_machine_on_which_a_rescue_system_runs_is_nobodys_member(self):
        late = {'b': check(pacemaker=pacemaker('host-a', 'host-b'))}
        self.assertEqual({}, healthy_members.problems(late, LOST, {'a'}))
        self.assertIn('a', healthy_members.problems(late, LOST, {'b'}))

    def test_a_broker_that_others_still_call_running_is_not_believed(self):
        self.assertIsNone(self.why(
            b=check(rabbitmq={'running': ['rabbit@host-a', 'rabbit@b']})))

    def test_a_node_without_clusters_is_restored_though_it_answers(self):
        self.assertIsNone(self.why(a=check()))

    def test_the_hint_says_how_to_do_it_all_the_same(self):
        found = healthy_members.problems({'a': check(galera=galera())}, LOST)
        self.assertIn('force=healthy-member', found['a']['hint'])


class TestRefuse(unittest.TestCase):
    checks = {'a': check(galera=galera()), 'b': check(unanswered=['rabbitmq'])}

    def refuse(self, **how):
        return healthy_members.refuse(self.checks, {'a': ['host-a']}, **how)

    def test_a_healthy_member_fails_and_who_does_not_tell_as_well(self):
        failures, notes = self.refuse()
        self.assertEqual((['a', 'b'], []), (sorted(failures), notes))

    def test_one_that_is_forced_is_a_warning_and_the_other_still_fails(self):
        failures, notes = self.refuse(forced=True)
        self.assertEqual(['b'], sorted(failures))
        (level, node, sentence), = notes
        self.assertEqual(('warning', 'a'), (level, node))
        self.assertIn('as the request says', sentence)

    def test_the_short_name_of_the_inventory_counts_beside_the_host_name(
            self):
        found, _ = healthy_members.refuse(
            {'b': check(pacemaker=pacemaker('a'))}, {'a.example.org': []})
        self.assertIn('Pacemaker of b has it online',
                      found['a.example.org']['cause'])
        found, _ = healthy_members.refuse(
            {'b': check(pacemaker=pacemaker('a'))}, {'a.example.org': []},
            already_rescued=True)
        self.assertEqual({}, found)
