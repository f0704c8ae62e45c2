# SPDX-License-Identifier: Apache-2.0
"""All schedules are paused by somebody, for as long as that says."""
import sqlalchemy as sa

from baas.db.schedule import pauses
from baas.db import session
from baas.requests import submit
from baas.tests.unit.conductor.schedules import base
from baas.tests.unit.conductor.schedules.base import AT_ONE
from baas.tests.unit.conductor.schedules.base import DAY
from baas.tests.unit.conductor.schedules.base import HOUR
from baas.tests.unit.conductor.schedules.base import MINUTE


class PauseTest(base.SchedulerTest):

    def pause(self, begun=AT_ONE - HOUR, until=None):
        """Have them paused at a time."""
        pauses.begin(until=None, reason='A new switch.', user_id='me')
        with session.writer() as connection:
            connection.execute(sa.update(pauses.PAUSES).values(
                paused_at=begun, until=until))

    def states(self):
        return [run[1] for run in self.runs()]

    def test_its_ticks_are_skipped_and_told_who_paused_and_why(self):
        self.add()
        self.pause()
        self.look()
        [(tick, state, reason)] = self.runs()
        self.assertEqual((AT_ONE, 'skipped', (
            'Schedules were paused by me at 2026-05-04 00:00 UTC: A new '
            'switch.')), (tick, state, reason))

    def test_after_it_the_next_tick_has_a_run_and_no_earlier_one_has(self):
        self.add()
        self.pause()
        self.look()
        self.pause(until=AT_ONE + MINUTE)
        self.look(AT_ONE + 2 * MINUTE)
        self.assertEqual([], self.jobs())
        self.look(AT_ONE + DAY)
        self.assertEqual(['skipped', 'submitted'], self.states())

    def test_one_with_an_end_ends_by_itself(self):
        self.add()
        self.pause(until=AT_ONE + HOUR)
        self.look()
        self.look(AT_ONE + DAY)
        self.assertEqual(['skipped', 'submitted'], self.states())

    def test_a_tick_of_it_is_not_caught_up_when_nobody_looked_meanwhile(self):
        self.add(missed='once')
        self.pause(until=AT_ONE + 2 * HOUR)
        self.look(AT_ONE + 3 * HOUR)
        self.assertEqual(['skipped'], self.states())
        self.assertEqual([], self.jobs())

    def test_a_tick_after_it_that_nobody_looked_at_is_caught_up(self):
        self.add(missed='once')
        self.pause(until=AT_ONE - MINUTE)
        self.look(AT_ONE + 3 * HOUR)
        self.assertEqual(['submitted'], self.states())

    def test_a_run_that_waits_is_skipped_by_it(self):
        self.add()
        busy = submit.backup('overcloud', stopall=False)
        self.look()
        self.pause(begun=AT_ONE + MINUTE)
        self.end(busy)
        self.look(AT_ONE + 2 * MINUTE)
        self.assertEqual(['skipped'], self.states())

    def test_to_pause_again_changes_its_end_and_not_its_beginning(self):
        first = pauses.begin(until=None, reason=None, user_id='me')
        second = pauses.begin(until=AT_ONE + 9999 * DAY, reason='Longer.',
                              user_id='you')
        self.assertEqual(
            (first.paused_at, AT_ONE + 9999 * DAY, 'Longer.', 'you'),
            (second.paused_at, second.until, second.reason, second.user_id))
        pauses.end()
        self.assertFalse(pauses.last().is_on)
        ended = pauses.last().until
        pauses.end()
        self.assertEqual(ended, pauses.last().until)
