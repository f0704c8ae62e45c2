# SPDX-License-Identifier: Apache-2.0
"""Conductors that die at any place, and several at one tick."""
import os
import shutil
import signal
import threading

import sqlalchemy as sa

from baas.db.schedule import followers
from baas.db.schedule import schedule_pings
from baas.db import session
from baas.tests.unit.conductor.schedules import base
from baas.tests.unit.conductor.schedules.base import AT_ONE
from baas.tests.unit.conductor.schedules.base import HOUR
from baas.tests.unit.conductor.schedules.base import MINUTE

_DONE = 7
_MOST = 100  # places: many more than there are


class DeathTest(base.SchedulerTest):
    """A schedule whose conductor dies; derive others from it.

    :cvar columns: of what has the run.
    :cvar planned: how many followers and pings its run has.
    """
    columns = {'then': ['cleanup'], 'ping_url': 'http://127.0.0.1:9/x'}
    planned = 3

    def die_at(self, place):
        """Have another process look, and be killed in front of a statement
        or a commit; give whether it was."""
        child = os.fork()
        if child == 0:
            try:
                self._look_and_die(place)
                os._exit(_DONE)
            finally:
                os._exit(1)
        _pid, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            self.assertEqual(signal.SIGKILL, os.WTERMSIG(status))
            return True
        self.assertEqual(_DONE, os.waitstatus_to_exitcode(status))
        return False

    def _look_and_die(self, place):
        engine, left = session.engine(), [place]
        engine.dispose(close=False)

        def count(*_given):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        sa.event.listen(engine, 'before_cursor_execute', count)
        sa.event.listen(engine, 'commit', count)
        self.look()

    def survive(self, late):
        """Kill a look at each place in turn, and have another go on."""
        database = self.folder / 'baas.sqlite'
        session.engine().dispose()
        shutil.copy(database, self.folder / 'before')
        for place in range(_MOST):
            for left in self.folder.glob('baas.sqlite*'):
                left.unlink()
            shutil.copy(self.folder / 'before', database)
            was_killed = self.die_at(place)
            self.look(AT_ONE + late)
            self.look(AT_ONE + late + MINUTE)
            with self.subTest(place=place):
                self.assertEqual([(AT_ONE, 'submitted', None)], self.runs())
                self.assertEqual(1, len(self.jobs()))
                self.assertEqual(self.planned, len(followers.waiting())
                                 + len(schedule_pings.waiting()[0]))
            session.engine().dispose()
            if not was_killed:
                return place
        self.fail('It looks at more places than were tried')

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
        together = threading.Barrier(4)

        def conductor():
            together.wait()
            for _look in range(3):
                try:
                    self.look()
                except Exception as error:
                    # SQLite has one writer; a sweep that waited for too
                    # long tries again.
                    self.assertTrue(session.is_away(error), error)

        threads = [threading.Thread(target=conductor) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.look()
        self.assertEqual([(AT_ONE, 'submitted', None)], self.runs())
        self.assertEqual(1, len(self.jobs()))
