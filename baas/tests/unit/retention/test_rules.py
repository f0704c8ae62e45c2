# SPDX-License-Identifier: Apache-2.0
import dataclasses
import datetime
import unittest

import hypothesis
from hypothesis import strategies

from baas.retention import policy as policies
from baas.retention import rules
from baas.tests.unit.retention import made


def decided(sets, policy, now=made.NOW):
    """Decide; give the ids of those that stay and of those that go."""
    found = rules.decide(sets, policy, now)
    return ({one.set.id for one in found if one.keep},
            {one.set.id for one in found if not one.keep})


def reasons(sets, policy, now=made.NOW):
    """Decide; give the codes of the reasons by the ids of the sets."""
    return {one.set.id: [reason.code for reason in one.reasons]
            for one in rules.decide(sets, policy, now)}


class PropertiesTest(unittest.TestCase):

    @made.SETTINGS
    @hypothesis.given(made.sets(), made.POLICIES)
    def test_each_set_is_decided_once_and_always_with_a_reason(
            self, sets, policy):
        found = rules.decide(sets, policy, made.NOW)
        self.assertEqual(sorted(one.id for one in sets),
                         sorted(one.set.id for one in found))
        for one in found:
            known = rules.KEEP if one.keep else rules.REMOVE
            self.assertTrue(one.reasons)
            for reason in one.reasons:
                self.assertIn(reason.code, known)

    @made.SETTINGS
    @hypothesis.given(made.sets(), made.POLICIES)
    def test_never_fewer_good_sets_stay_than_the_minimum(self, sets, policy):
        stay, _gone = decided(sets, policy)
        for some in ([one for one in sets if one.whole],
                     [one for one in sets if one.whole and one.verified]):
            newest = sorted(some, key=lambda one: (one.created_at, one.id))
            newest = {one.id for one in newest[-policy.minimum:]}
            self.assertLessEqual(newest, stay)

    @made.SETTINGS
    @hypothesis.given(made.sets(), made.POLICIES)
    def test_what_is_protected_unexpired_or_in_use_stays(self, sets, policy):
        _stay, gone = decided(sets, policy)
        self.assertEqual([], [
            one for one in sets if one.id in gone and (
                one.protected or one.in_use
                or one.expires_at and one.expires_at > made.NOW)])

    @made.SETTINGS
    @hypothesis.given(made.sets(), made.FIELDS, strategies.sampled_from(
        ['minimum', *policies.PERIODS]), strategies.integers(1, 6))
    def test_to_keep_more_never_removes_more(self, sets, fields, name, more):
        _stay, gone = decided(sets, policies.Policy(**fields))
        _stay, less = decided(sets, policies.Policy(
            **{**fields, name: fields[name] + more}))
        self.assertLessEqual(less, gone)

    @made.SETTINGS
    @hypothesis.given(made.sets(), made.FIELDS,
                      strategies.integers(1, 24 * 500))
    def test_to_keep_longer_never_removes_more(self, sets, fields, hours):
        _stay, gone = decided(sets, policies.Policy(**fields))
        longer = (fields['within'] or datetime.timedelta()) + \
            datetime.timedelta(hours=hours)
        _stay, less = decided(sets, policies.Policy(
            **{**fields, 'within': longer}))
        self.assertLessEqual(less, gone)

    @made.SETTINGS
    @hypothesis.given(made.sets(), made.POLICIES)
    def test_a_second_clean_up_removes_nothing(self, sets, policy):
        stay, _gone = decided(sets, policy)
        left = [one for one in sets if one.id in stay]
        self.assertEqual((stay, set()), decided(left, policy))

    @made.SETTINGS
    @hypothesis.given(made.sets(), made.POLICIES, strategies.data())
    def test_one_that_was_interrupted_ends_as_if_it_had_not_been(
            self, sets, policy, data):
        stay, gone = decided(sets, policy)
        removed = data.draw(strategies.sets(
            strategies.sampled_from(sorted(gone)))) if gone else set()
        left = [one for one in sets if one.id not in removed]
        self.assertEqual(stay, decided(left, policy)[0])

    @made.SETTINGS
    @hypothesis.given(made.sets(), made.POLICIES)
    def test_sets_that_are_not_whole_have_no_part_in_what_good_ones_do(
            self, sets, policy):
        stay, _gone = decided(sets, policy)
        alone, _gone = decided([one for one in sets if one.whole], policy)
        self.assertEqual(alone, stay & {one.id for one in sets if one.whole})

    @made.SETTINGS
    @hypothesis.given(made.sets(), made.POLICIES,
                      strategies.integers(0, 24 * 900))
    def test_what_goes_today_goes_tomorrow(self, sets, policy, hours):
        later = made.NOW + datetime.timedelta(hours=hours)
        self.assertLessEqual(decided(sets, policy)[1],
                             decided(sets, policy, later)[1])

    @made.SETTINGS
    @hypothesis.given(made.sets(), made.one_set(
        suspicious=strategies.just(True)), made.POLICIES)
    def test_nothing_goes_while_a_set_is_suspicious(self, sets, odd, policy):
        hypothesis.assume(odd.id not in {one.id for one in sets})
        self.assertEqual(set(), decided([*sets, odd], policy)[1])

    def test_of_many_suspicious_sets_the_newest_are_named(self):
        sets = [rules.Set(f'set-{number}', made.NOW - datetime.timedelta(
            days=number), suspicious=True) for number in range(2000)]
        found = rules.decide(sets, policies.Policy(last=1), made.NOW)
        self.assertEqual(
            {'nothing is removed while a set is suspicious: set-0, set-1, '
             'set-2 and 1997 more'},
            {reason.text for one in found for reason in one.reasons
             if reason.code == 'suspicious'})

    @made.SETTINGS
    @hypothesis.given(made.sets(), made.POLICIES, strategies.data())
    def test_to_protect_a_set_changes_nothing_for_others(
            self, sets, policy, data):
        hypothesis.assume(sets)
        one = data.draw(strategies.sampled_from(sets))
        others = [other for other in sets if other != one]
        stay, _gone = decided(sets, policy)
        after, _gone = decided(
            [*others, dataclasses.replace(one, protected=True)], policy)
        self.assertEqual(stay | {one.id}, after)

    @made.SETTINGS
    @hypothesis.given(made.sets(), made.POLICIES, strategies.randoms())
    def test_the_order_of_sets_makes_no_difference(self, sets, policy, dice):
        before = rules.decide(sets, policy, made.NOW)
        dice.shuffle(sets)
        self.assertEqual(before, rules.decide(sets, policy, made.NOW))


class ReasonsTest(unittest.TestCase):

    def one(self, id, hours, **fields):
        return rules.Set(id, made.NOW - datetime.timedelta(hours=hours),
                         **fields)

    def test_all_reasons_are_told(self):
        found = rules.decide(
            [self.one('new', 0, protected=True), self.one('old', 30)],
            policies.Policy(last=1, daily=7), made.NOW)
        self.assertEqual(
            [['it is protected',
              'number 1 of the 1 good sets that always stay',
              'number 1 of the 1 newest sets', 'day 1 of 7'],
             ['day 2 of 7']],
            [[reason.text for reason in one.reasons] for one in found])

    def test_the_oldest_of_a_period_that_has_one_is_told_to_be_that(self):
        found = rules.decide(
            [self.one('new', 0), self.one('old', 1)],
            policies.Policy(last=1, daily=3), made.NOW)
        self.assertEqual(['the oldest, day 2 of 3'],
                         [reason.text for reason in found[1].reasons])

    def test_an_expired_set_goes_whatever_rule_would_keep_it(self):
        self.assertEqual(['expired'], reasons(
            [self.one('new', 0), self.one('old', 1, expires_at=made.NOW)],
            policies.Policy(last=9))['old'])

    def test_a_set_with_a_time_of_its_own_takes_no_place_of_others(self):
        later = made.NOW + datetime.timedelta(days=1)
        self.assertEqual(
            {'day': ['unexpired', 'minimum'], 'night': ['last']},
            reasons([self.one('day', 0, expires_at=later),
                     self.one('night', 9)], policies.Policy(last=1)))

    def test_a_set_that_is_not_whole_goes_once_it_is_replaced(self):
        bad = self.one('bad', 1, whole=False)
        policy = policies.Policy(last=5)
        self.assertEqual(
            {'bad': ['not_replaced'], 'good': ['minimum', 'last']},
            reasons([bad, self.one('good', 2)], policy))
        self.assertEqual(
            {'bad': ['replaced'], 'good': ['minimum', 'last']},
            reasons([bad, self.one('good', 0)], policy))

    def test_a_set_of_the_future_makes_no_other_old(self):
        found = reasons(
            [self.one('wrong', -9000), self.one('new', 0),
             self.one('old', 20)],
            policies.Policy(within=datetime.timedelta(days=1)))
        self.assertEqual(['within'], found['old'])

    def test_days_begin_where_the_policy_is(self):
        sets = [rules.Set(str(hour), datetime.datetime(2026, 6, 1, hour))
                for hour in (21, 22)]
        self.assertEqual({'22'}, decided(sets, policies.Policy(monthly=1))[0])
        self.assertEqual({'21', '22'}, decided(sets, policies.Policy(
            daily=2, zone=made.BERLIN))[0])


class PolicyTest(unittest.TestCase):

    def test_one_that_keeps_nothing_cannot_be_made(self):
        for fields in ({}, {'minimum': 5}, {'within': datetime.timedelta()}):
            with self.assertRaisesRegex(ValueError, 'must keep something'):
                policies.Policy(**fields)
        with self.assertRaisesRegex(ValueError, 'at least one set'):
            policies.Policy(minimum=0, last=1)
        for fields in ({'last': -1}, {'daily': 10001}):
            with self.assertRaisesRegex(ValueError, '0 to 10000'):
                policies.Policy(**fields)
