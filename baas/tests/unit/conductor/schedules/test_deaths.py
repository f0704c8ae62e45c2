# SPDX-License-Identifier: Apache-2.0
"""Conductors that die at any place, and several at one tick."""
from baas.db.schedule import followers
from baas.db.schedule import schedule_pings
from baas.tests.unit.conductor.schedules import base
from baas.tests.unit.conductor.schedules.base import AT_ONE
from baas.tests.unit.conductor.schedules.base import HOUR
from baas.tests.unit.conductor.schedules.base import MINUTE
from baas.tests.unit.conductor.schedules import deaths


class DeathTest(base.SchedulerTest):
    """A schedule whose conductor dies; derive others from it.

    :cvar columns: of what has the run.
    :cvar planned: how many followers and pings its run has.
    """
    columns = {'then': ['cleanup'], 'ping_url': 'http://127.0.0.1:9/x'}
    planned = 3

    def survive(self, late):
        """Kill a look at each place in turn, and have another go on; give
        how many places there are."""
        for place in deaths.at_each_place(self, self.look):
            self.look(AT_ONE + late)
            self.look(AT_ONE + late + MINUTE)
            with self.subTest(place=place):
                self.assertEqual([(AT_ONE, 'submitted', None)], self.runs())
                self.assertEqual(1, len(self.jobs()))
                self.assertEqual(self.planned, len(followers.waiting())
                                 + len(schedule_pings.waiting()[0]))
        return place

    def test_wherever_a_conductor_dies_the_next_begins_the_one_run(self):
        self.add(**self.columns)
        self.assertGreater(self.survive(MINUTE), 10)

    def test_who_comes_after_the_window_catches_up_what_died_with_another(
            self):
        self.add(**self.columns)
        self.assertGreater(self.survive(3 * HOUR), 10)


class CrowdTest(base.SchedulerTest):

    def test_of_many_conductors_at_one_tick_one_begins_the_run(self):
        self.add()
        deaths.crowd(self.look)
        self.look()
        self.assertEqual([(AT_ONE, 'submitted', None)], self.runs())
        self.assertEqual(1, len(self.jobs()))
