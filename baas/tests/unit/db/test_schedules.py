# SPDX-License-Identifier: Apache-2.0
import datetime

import sqlalchemy as sa

from baas.db.schedule import schedule_runs
from baas.db.schedule import schedules
from baas.db.schedule import tables
from baas.db import session
from baas import errors
from baas.tests import fixtures
from baas.tests.unit.db import database

RUNS = tables.ScheduleRun.__table__
FIRST = datetime.datetime(2026, 5, 4, 1)


class SchedulesTest(database.DatabaseTest):

    def setUp(self):
        super().setUp()
        self.schedule = fixtures.add_schedule()

    def runs(self):
        """Count the runs of each state."""
        with session.reader() as connection:
            return dict(connection.execute(
                sa.select(RUNS.c.state, sa.func.count())
                .group_by(RUNS.c.state)).all())

    def test_of_old_runs_a_hundred_stay_and_each_that_waits(self):
        with session.writer() as connection:
            connection.execute(sa.insert(RUNS), [
                {'schedule_id': self.schedule, 'created_at': FIRST,
                 'state': 'waiting' if number == 0 else 'submitted',
                 'tick': FIRST + datetime.timedelta(days=number)}
                for number in range(120)])
            schedule_runs.asked_for(connection, self.schedule, None)
        self.assertEqual({'waiting': 1, 'submitted': 100}, self.runs())

    def test_a_job_for_a_schedule_that_is_gone_is_refused(self):
        seen = schedules.get(self.schedule)
        self.assertTrue(schedules.delete(seen))
        with (self.assertRaises(errors.NotFound) as caught,
              session.writer() as connection):
            schedule_runs.asked_for(connection, self.schedule, None)
        self.assertIn(self.schedule, str(caught.exception))
        self.assertEqual({}, self.runs())

    def test_one_that_was_changed_meanwhile_is_not_deleted(self):
        seen = schedules.get(self.schedule)
        schedules.change(seen, name='other')
        self.assertFalse(schedules.delete(seen))
        self.assertEqual('other', schedules.get(self.schedule).name)
