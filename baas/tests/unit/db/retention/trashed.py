# SPDX-License-Identifier: Apache-2.0
"""Sets that are moved to the trash, and taken out of it."""
import datetime
import uuid

from baas.db import backups
from baas.db import jobs
from baas.db.retention import trash
from baas.db import session
from baas.db import steps
from baas.requests import trash as requests
from baas.tests import fixtures
from baas.tests.unit.db import database

NODES = ('controller-0', 'controller-1', 'controller-2')
HOUR = datetime.timedelta(hours=1)


class TrashTest(database.DatabaseTest):
    """Has an empty database, and what fills it."""

    def set(self, *more, **columns):
        """Write the backups of a set; give its id."""
        id = str(uuid.uuid4())
        for node, special in zip(NODES, more or ({}, {}, {})):
            fixtures.add_backup(**{'node': node, 'set_id': id, 'set_size': 3,
                                   **columns, **special})
        return id

    def put(self, set_id, seconds=3600):
        """Move a set to the trash, backup by backup."""
        for row in backups.by_set(set_id):
            trash.put(row.id, {
                'id': str(uuid.uuid4()), 'kind': 'delete', 'target':
                row.target, 'backup_id': row.id, 'node': row.node}, seconds)

    def clean_up(self, set_id, seconds=3600, **lease):
        """Move a set to the trash, as a clean-up does."""
        job = fixtures.add_job(kind='cleanup', state='running')
        return trash.put_set(set_id, seconds, **{
            'job': job, 'epoch': 1, **lease})

    def statuses(self, set_id):
        return [row.status for row in backups.by_set(set_id)]

    def claimed(self, target='overcloud', now=None):
        """Have a purge of what is due begin with its step; give the job."""
        job = requests.purge(target, trash.due(now)[target])
        claimed = jobs.claim(job.id, 'first', 60)
        steps.move(steps.by_job(job.id)[0].id, 'start')
        return claimed

    def later(self, hours=1):
        """Give the time of the database in so many hours, and a bit."""
        with session.reader() as connection:
            return session.now(connection) + hours * HOUR + HOUR / 60
