# SPDX-License-Identifier: Apache-2.0
"""What tests of the trash share: sets that are deleted, and passing time."""
import datetime
import uuid

import sqlalchemy as sa

from baas.conductor.retention import purge
from baas.db import backups
from baas.db import events
from baas.db import jobs
from baas.db import models
from baas.db import session
from baas.requests import submit
from baas.tests.conductor import base
from baas.tests import fixtures

NODES = ('controller-0', 'controller-1', 'controller-2')
REMOVED = {'delete': {'*': {'verb': 'remove'}}}
BACKUPS = models.Backup.__table__
HOUR = datetime.timedelta(hours=1)


class TrashTest(base.ConductorTest):
    """Has a service that keeps what somebody deletes for three days."""

    def setUp(self):
        super().setUp()
        self.service.conf.config(group='storage', delete_delay='3d')
        self.scenario(REMOVED)

    def add_set(self, day=1, nodes=NODES, **columns):
        """Write a set of January; give its id."""
        id = str(uuid.uuid4())
        for node in nodes:
            fixtures.add_backup(**{
                'node': node, 'set_id': id, 'set_size': len(nodes),
                'created_at': datetime.datetime(2026, 1, day), **columns})
        return id

    def delete(self, set_id):
        """Delete a set, as its users do."""
        for row in backups.by_set(set_id):
            submit.delete(row.id)

    def pass_by(self, time):
        """Let so much time pass: all stamps are so much earlier. The clock of
        the database has jumped ahead when it is positive, and back when it
        is negative."""
        with session.writer() as connection:
            for row in connection.execute(sa.select(BACKUPS).where(
                    BACKUPS.c.purge_at.is_not(None))).all():
                connection.execute(
                    sa.update(BACKUPS).where(BACKUPS.c.id == row.id)
                    .values(purge_at=row.purge_at - time))

    def tick(self):
        """Do the duty of a conductor; give the jobs that it has asked for
        and that have not begun."""
        purge.empty()
        return [jobs.get(id) for id in jobs.queued()]

    def statuses(self, set_id):
        return [row.status for row in backups.by_set(set_id)]

    def said(self, job):
        """Give the lines of the log of a job."""
        return [row.message for row in events.page(job.id, limit=99)]
