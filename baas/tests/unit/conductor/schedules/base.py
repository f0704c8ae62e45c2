# SPDX-License-Identifier: Apache-2.0
"""A schedule at one o'clock each night, and a clock that can be set."""
import datetime

from oslo_config import cfg
import sqlalchemy as sa

from baas.conductor.schedules import scheduler
from baas.db import jobs
from baas.db import models
from baas.db.schedule import schedules
from baas.db.schedule import tables
from baas.db import session
from baas.requests import messaging
from baas.requests import schedules as requests
from baas.tests import fixtures
from baas.tests.unit.db import database

BACKUPS = models.Backup.__table__
RUNS = tables.ScheduleRun.__table__
AT_ONE = datetime.datetime(2026, 5, 4, 1)
BEFORE = AT_ONE - datetime.timedelta(hours=13)
MINUTE = datetime.timedelta(minutes=1)
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)


class SchedulerTest(database.DatabaseTest):
    """Has the database of a service, and does the duty of a conductor."""

    def setUp(self):
        super().setUp()
        self.addCleanup(messaging.deliver_to, None)
        messaging.deliver_to(lambda job_id: None)
        self.addCleanup(cfg.CONF.clear_override, 'paused', 'schedules')
        self.addCleanup(cfg.CONF.clear_override, 'inventory', 'runner')

    def add(self, **columns):
        """Write a schedule that was last looked at before its tick."""
        return fixtures.add_schedule(**{'seen_at': BEFORE, **columns})

    def look(self, now=AT_ONE):
        """Do the duty once, at that time."""
        scheduler.begin_due(cfg.CONF, lambda: now)

    def jobs(self):
        """Give the rows of all backup jobs, oldest first."""
        return jobs.page(filters={'kind': 'backup'},
                         sort=[('created_at', 'asc')])

    def runs(self):
        """Give (tick, state, reason) of all runs, in the order in which they
        were written."""
        with session.reader() as connection:
            return [tuple(row) for row in connection.execute(
                sa.select(RUNS.c.tick, RUNS.c.state, RUNS.c.reason)
                .order_by(RUNS.c.id))]

    def end(self, job, event='finish'):
        """Have a job ended."""
        jobs.claim(job.id, 'a', 60)
        jobs.move(job.id, event)

    def take(self, schedule_id, at=AT_ONE):
        """Have a schedule take a good set at a time; give its job."""
        job = requests.begin_now(schedules.get(schedule_id))
        self.end(job)
        with session.writer() as connection:
            connection.execute(sa.update(BACKUPS).where(
                BACKUPS.c.set_id == job.id).values(
                    status='available', created_at=at))
        return job

    def change(self, id, **columns):
        """Change a schedule as the API does."""
        return schedules.change(schedules.get(id), **columns)
