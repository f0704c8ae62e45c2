# SPDX-License-Identifier: Apache-2.0
import dataclasses
import datetime
import unittest

import hypothesis
from hypothesis import strategies

from baas.retention import policy as policies
from baas.retention import rules
from baas.retention import simulation
from baas.tests.unit.retention import made

BEGIN = datetime.date(2026, 1, 1)
NIGHTLY = simulation.Plan('0 2 * * *', BEGIN)
CRONS = ('0 2 * * *', '30 23 * * *', '0 */6 * * *', '15 0 * * 0',
         '0 12 1 * *', '0 2,3 * * *')


class SimulationTest(unittest.TestCase):

    def test_a_year_of_nights_is_thinned_out(self):
        days, left = simulation.run(
            policies.Policy(daily=7, weekly=4, monthly=12), NIGHTLY)
        self.assertEqual(365, len(days))
        self.assertEqual(365, sum(day.taken for day in days))
        self.assertEqual((datetime.date(2026, 12, 31), 1, 1, 20), (
            days[-1].date, days[-1].taken, days[-1].removed, days[-1].sets))
        self.assertEqual(datetime.datetime(2026, 12, 31, 2), left[0])
        self.assertEqual(20, len(left))

    @hypothesis.settings(made.SETTINGS, max_examples=40)
    @hypothesis.given(made.POLICIES, strategies.sampled_from(CRONS),
                      strategies.dates(BEGIN, datetime.date(2027, 1, 1)))
    def test_each_day_ends_as_the_rules_say(self, policy, cron, begin):
        plan = simulation.Plan(cron, begin, days=45)
        days, left = simulation.run(policy, plan)
        every = simulation.run(policies.Policy(
            last=10000, zone=policy.zone), plan)[1][::-1]
        sets = []
        for day in days:
            new, every = every[:day.taken], every[day.taken:]
            sets += [rules.Set(str(one), one) for one in new]
            found = rules.decide(sets, policy, datetime.datetime.combine(
                day.date + datetime.timedelta(days=1), datetime.time()))
            sets = [one.set for one in found if one.keep][::-1]
            self.assertEqual(day.sets, len(sets))
        self.assertEqual(left, [one.created_at for one in sets[::-1]])
        self.assertEqual([], every)

    @hypothesis.settings(made.SETTINGS, max_examples=40)
    @hypothesis.given(made.POLICIES, strategies.integers(0, 10 ** 13),
                      strategies.integers(0, 10 ** 13))
    def test_bytes_are_between_one_set_and_all_of_them(
            self, policy, size, change):
        days, _left = simulation.run(policy, dataclasses.replace(
            NIGHTLY, days=40, size_bytes=size, change_bytes=change))
        for day in days:
            self.assertLessEqual(size - 1, day.stored_bytes)
            self.assertLessEqual(day.stored_bytes, size * day.sets + 1)

    def test_bytes_are_what_the_first_set_holds_and_the_others_change(self):
        plan = dataclasses.replace(NIGHTLY, days=3, size_bytes=1000,
                                   change_bytes=100)
        self.assertEqual([1000, 1100, 1200], [
            day.stored_bytes for day in simulation.run(
                policies.Policy(last=9), plan)[0]])
        # The set between two is gone: they differ in both its changes, but
        # for what has changed twice.
        self.assertEqual([1000, 1100, 1190], [
            day.stored_bytes for day in simulation.run(
                policies.Policy(last=1, monthly=2), dataclasses.replace(
                    plan, begin=datetime.date(2026, 1, 31)))[0]])

    def test_sets_are_taken_by_the_clock_of_the_policy(self):
        policy = policies.Policy(last=9, zone=made.BERLIN)
        _days, left = simulation.run(policy, dataclasses.replace(
            NIGHTLY, cron='0 0 * * *', days=1))
        self.assertEqual([datetime.datetime(2025, 12, 31, 23)], left)

    def test_days_without_a_set_are_there(self):
        days, left = simulation.run(policies.Policy(last=9), simulation.Plan(
            '0 2 * * 1', datetime.date(2026, 1, 6), days=6))
        self.assertEqual(([], [0] * 6), (left, [day.sets for day in days]))

    def test_what_is_no_schedule_is_refused(self):
        for cron in ('', 'daily', '61 * * * *', '0 0 0 * * *', '* * * *',
                     '@daily', '0 0 30 2 *'):
            with self.assertRaisesRegex(simulation.BadCron, 'five fields'):
                simulation.run(policies.Policy(last=1),
                               dataclasses.replace(NIGHTLY, cron=cron))
        with self.assertRaisesRegex(simulation.BadCron, 'more than 10000'):
            simulation.run(policies.Policy(last=1),
                           dataclasses.replace(NIGHTLY, cron='* * * * *'))
