# SPDX-License-Identifier: Apache-2.0
import unittest

import hypothesis
from hypothesis import strategies

from baas.jobs.coverage import gaps
from baas.jobs.coverage import report

NODES = ('c-0', 'c-1', report.OF_SET)
SETTINGS = hypothesis.settings(
    max_examples=60, deadline=None, database=None, derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck))


def gap(node='c-0', kind='filesystem', what='/srv', **more):
    """Make a gap that does harm, unless that is said."""
    return {**gaps.gap(node or None, kind, what, 'network', 'It is far.'),
            **more}


@strategies.composite
def sets(draw):
    """Make what one set has found: only of what it has looked for."""
    looked = draw(strategies.fixed_dictionaries({}, optional={
        node: strategies.lists(strategies.sampled_from(
            ('filesystem', 'service')), unique=True) for node in NODES}))
    found = draw(strategies.lists(strategies.builds(
        gap, node=strategies.sampled_from(NODES),
        kind=strategies.sampled_from(('filesystem', 'service')),
        what=strategies.sampled_from('abcd'),
        harmless=strategies.booleans(),
        used_bytes=strategies.none() | strategies.integers(0)),
        unique_by=gaps.key))
    return {'set_id': draw(strategies.uuids().map(str)), 'looked': looked,
            'gaps': [one for one in found if one['kind'] in looked.get(
                one['node'] or report.OF_SET, ())]}


WORDS = ('kind', 'what', 'reason', 'text', 'harmless', 'gaps', 'looked')
ANYTHING = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.text()
    | strategies.integers(),
    lambda inner: strategies.lists(inner) | strategies.dictionaries(
        strategies.sampled_from(WORDS), inner))


def built(now, *history):
    return report.build(now['gaps'], now['looked'], history)


def keys(found):
    return {gaps.key(one) for one in found}


class PropertiesTest(unittest.TestCase):

    @SETTINGS
    @hypothesis.given(sets(), strategies.lists(sets(), max_size=3))
    def test_new_is_in_it_and_closed_is_not(self, now, history):
        found = built(now, *history)
        self.assertEqual(keys(now['gaps']), keys(found['gaps']))
        self.assertLessEqual(keys(found['new']), keys(found['gaps']))
        self.assertFalse(keys(found['closed']) & keys(found['gaps']))

    @SETTINGS
    @hypothesis.given(sets(), strategies.lists(sets(), max_size=3))
    def test_the_same_once_more_is_nothing_new_and_warns_of_nothing(
            self, now, history):
        found = built(now, {**now, 'set_id': 'before'}, *history)
        self.assertEqual(([], [], []), (
            found['new'], found['closed'], report.warnings(found)))

    @SETTINGS
    @hypothesis.given(sets(), sets(), strategies.randoms(),
                      strategies.integers(1))
    def test_neither_order_nor_size_nor_words_make_a_gap_another_one(
            self, now, before, random, size):
        other = [{**one, 'used_bytes': size, 'text': 'Other words.',
                  'reason': 'other'} for one in now['gaps']]
        random.shuffle(other)
        first = built(now, before)
        second = built({**now, 'gaps': other}, before)
        for name in ('gaps', 'new', 'closed'):
            self.assertEqual([gaps.key(one) for one in first[name]],
                             [gaps.key(one) for one in second[name]])

    @SETTINGS
    @hypothesis.given(sets(), sets())
    def test_what_opens_one_way_closes_the_other_way(self, one, other):
        both = {node: set(one['looked'][node]) & set(kinds)
                for node, kinds in other['looked'].items()
                if node in one['looked']}

        def common(found):
            return {key for key in keys(found) if key[1] in both.get(
                key[0] or report.OF_SET, ())}
        self.assertEqual(common(built(one, other)['new']),
                         common(built(other, one)['closed']))

    @SETTINGS
    @hypothesis.given(sets(), sets())
    def test_a_set_that_did_not_look_says_nothing_about_what_is_new(
            self, now, before):
        blind = {'set_id': 'blind', 'gaps': [], 'looked': {}}
        for name in ('new', 'closed', 'first'):
            self.assertEqual(built(now, before)[name],
                             built(now, blind, before)[name])


class WarningTest(unittest.TestCase):
    NOW = {'gaps': [gap()], 'looked': {'c-0': ['filesystem']}}

    def before(self, *found, **looked):
        return {'set_id': 's1', 'gaps': list(found),
                'looked': looked or {'c-0': ['filesystem']}}

    def test_a_new_gap_is_told_by_node_kind_what_and_why(self):
        self.assertEqual(
            [('c-0', 'New, and not in this backup: file system /srv of c-0. '
              'It is far.')],
            report.warnings(built(self.NOW, self.before())))

    def test_a_new_gap_that_is_harmless_is_no_warning(self):
        now = {**self.NOW, 'gaps': [gap(harmless=True)]}
        found = built(now, self.before())
        self.assertEqual(1, len(found['new']))
        self.assertEqual([], report.warnings(found))

    def test_many_of_one_kind_are_one_warning(self):
        now = {**self.NOW, 'gaps': [gap(what=f'/srv/{number}')
                                    for number in range(11)]}
        self.assertEqual(
            [('c-0', 'New, and not in this backup: 11 file systems.')],
            report.warnings(built(now, self.before())))

    def test_what_was_never_looked_for_is_counted_in_one_warning(self):
        found = built(self.NOW)
        self.assertEqual([], found['new'])
        self.assertEqual([(None, 'Not in this backup, and looked for for the '
                           'first time: 1 file system.')],
                         report.warnings(found))

    def test_a_kind_is_held_against_the_last_set_that_looked_for_it(self):
        now = {'gaps': [gap(kind='service', what='new.service'),
                        gap(kind='service', what='old.service')],
               'looked': {'c-0': ['service']}}
        quiesced = {'set_id': 's0', 'looked': {'c-0': ['service']}, 'gaps': [
            gap(kind='service', what='old.service')]}
        found = built(now, self.before(), quiesced)
        self.assertEqual([('c-0', 'service', 'new.service')],
                         [gaps.key(one) for one in found['new']])
        self.assertEqual('s1', found['previous_set_id'])


class SummaryTest(unittest.TestCase):

    def test_it_counts_what_does_harm_in_the_order_in_which_it_matters(self):
        found = report.build([
            gap(), gap(what='/proc', harmless=True), gap('c-1'),
            gap(None, 'secret', 'master key')], {})
        self.assertEqual([
            'Not in it: 1 secret, 2 file systems.',
            'There is no earlier set to compare it with.'],
            report.summary(found))

    def test_it_tells_what_is_new_and_what_is_closed(self):
        before = {'set_id': 's1', 'gaps': [gap(what='/old')],
                  'looked': {'c-0': ['filesystem']}}
        found = report.build([gap()], before['looked'], [before])
        self.assertEqual([
            'Not in it: 1 file system.',
            'New since set s1: file system /srv of c-0. It is far.',
            'Closed since set s1: file system /old of c-0. It is far.'],
            report.summary(found))

    def test_of_many_it_tells_ten_and_counts_the_rest(self):
        before = {'set_id': 's1', 'gaps': [], 'looked': {
            'c-0': ['filesystem']}}
        lines = report.summary(report.build(
            [gap(what=f'/srv/{number}') for number in range(13)],
            before['looked'], [before]))
        self.assertEqual(12, len(lines))
        self.assertEqual('New as well: 3 file systems.', lines[-1])

    def test_without_gaps_it_does_not_claim_that_there_are_none(self):
        before = {'set_id': 's1', 'gaps': [], 'looked': {}}
        self.assertEqual([
            'Nothing is known that it lacks.',
            'That is as it was for set s1.'],
            report.summary(report.build([], {}, [before])))

    def test_a_node_without_a_backup_is_a_gap_of_its_set(self):
        found = report.with_lost(report.build([gap()], {}),
                                 {'c-1': 'Disk full.'})
        self.assertIn(('c-1', 'node', 'c-1'), keys(found['gaps']))
        self.assertEqual(found, report.with_lost(found, {'c-1': 'Again.'}))
        self.assertEqual('Not in it: 1 node, 1 file system.',
                         report.summary(found)[0])

    def test_the_part_of_a_node_is_of_it_alone(self):
        found = report.of_node(report.build(
            [gap(), gap('c-1'), gap(None, 'secret', 'key')], {}), 'c-1')
        self.assertEqual([('c-1', 'filesystem', '/srv')],
                         [gaps.key(one) for one in found['gaps']])


class ToldTest(unittest.TestCase):
    GOOD = {'kind': 'filesystem', 'what': '/srv', 'reason': 'network',
            'text': 'It is far.', 'harmless': False, 'fstype': 'nfs4',
            'used_bytes': 7}

    def test_what_a_node_says_is_taken_with_its_name(self):
        self.assertEqual(
            ([{'node': 'c-0', **self.GOOD}], ['filesystem']),
            gaps.told('c-0', {'gaps': [self.GOOD],
                              'looked': ['filesystem', 'weather']}))

    def test_what_is_said_twice_is_one_gap(self):
        self.assertEqual(1, len(gaps.told('c-0', {
            'gaps': [self.GOOD, {**self.GOOD, 'used_bytes': 8}],
            'looked': []})[0]))

    def test_what_is_not_as_it_should_be_is_left_out(self):
        for name, value in (('kind', 'weather'), ('kind', None),
                            ('kind', []), ('what', 7), ('text', None),
                            ('harmless', 1)):
            with self.subTest(name=name, value=value):
                self.assertEqual([], gaps.told('c-0', {
                    'gaps': [{**self.GOOD, name: value}], 'looked': []})[0])
        for part in (None, [], {}, {'gaps': None, 'looked': []},
                     {'gaps': 7, 'looked': []}, {'gaps': [], 'looked': 7}):
            self.assertEqual(([], []), gaps.told('c-0', part))

    def test_a_size_that_is_none_is_not_known(self):
        for value in ('7', True, 7.5):
            self.assertIsNone(gaps.told('c-0', {
                'gaps': [{**self.GOOD, 'used_bytes': value}],
                'looked': []})[0][0]['used_bytes'])

    @SETTINGS
    @hypothesis.given(ANYTHING)
    def test_nothing_that_a_node_may_say_breaks_anything(self, part):
        found, looked = gaps.told('c-0', part)
        report.summary(report.build(found, {'c-0': looked}))
