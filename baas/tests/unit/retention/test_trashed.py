# SPDX-License-Identifier: Apache-2.0
"""What is in the trash is no matter of the rules, and still takes its room."""
import dataclasses
import unittest

import hypothesis
from hypothesis import strategies

from baas.retention import policy as policies
from baas.retention import rules
from baas.retention import simulation
from baas.tests.unit.retention import made
from baas.tests.unit.retention import test_simulation


class TrashedTest(unittest.TestCase):

    @made.SETTINGS
    @hypothesis.given(made.sets(), made.sets(
        purge_at=made.times(), suspicious=strategies.booleans()),
        made.POLICIES)
    def test_what_is_in_the_trash_decides_nothing_of_others(
            self, sets, trashed, policy):
        both = rules.decide(sets + trashed, policy, made.NOW)
        self.assertEqual(
            rules.decide(sets, policy, made.NOW),
            [one for one in both if one.set.purge_at is None])
        for one in both:
            if one.set.purge_at:
                self.assertFalse(one.keep)
                self.assertEqual(['trashed'],
                                 [reason.code for reason in one.reasons])

    def test_it_says_until_when(self):
        (one,) = rules.decide(
            [rules.Set('a', made.NOW, purge_at=made.NOW)],
            policies.Policy(last=1), made.NOW)
        self.assertEqual('it is in the trash until 2026-06-15T12:00:00Z',
                         one.reasons[0].text)


class RoomTest(unittest.TestCase):

    @hypothesis.settings(made.SETTINGS, max_examples=40)
    @hypothesis.given(made.POLICIES, strategies.integers(1, 9),
                      strategies.sampled_from(test_simulation.CRONS))
    def test_the_trash_changes_what_sets_take_and_nothing_else(
            self, policy, trash, cron):
        plan = simulation.Plan(cron, test_simulation.BEGIN, 40, 10 ** 6, 1000)
        without, left = simulation.run(policy, plan)
        days, same = simulation.run(
            policy, dataclasses.replace(plan, trash_days=trash))
        self.assertEqual(left, same)
        for day, other in zip(days, without):
            self.assertEqual(other, dataclasses.replace(
                day, stored_bytes=other.stored_bytes))
            self.assertLessEqual(other.stored_bytes, day.stored_bytes)

    def test_a_set_takes_its_room_for_so_many_days_more(self):
        plan = dataclasses.replace(test_simulation.NIGHTLY, days=9,
                                   size_bytes=1000, change_bytes=10)
        for trash in (0, 3):
            days, _left = simulation.run(
                policies.Policy(last=2),
                dataclasses.replace(plan, trash_days=trash))
            self.assertEqual(
                [1000 + 10 * min(number, 1 + trash) for number in range(9)],
                [day.stored_bytes for day in days])
