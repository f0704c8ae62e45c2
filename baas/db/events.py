# SPDX-License-Identifier: Apache-2.0
"""The log of a job, line by line, readable while the job runs."""
import sqlalchemy as sa

from baas.db import models
from baas.db import session

EVENTS = models.Event.__table__


def add(job_id, message, *, level='info', step=None, node=None):
    """Append a line to the log of a job.

    :param message: one sentence; secrets are kept out by whoever writes it.
    :param level: info, warning or error.
    """
    with session.writer() as connection:
        connection.execute(sa.insert(EVENTS).values(
            job_id=job_id, message=message, level=level, step=step,
            node=node, created_at=session.utcnow()))


def page(job_id, *, limit, marker=None):
    """Give lines of a job's log, oldest first.

    :param marker: id of the last line already seen (int), or None.
    """
    query = sa.select(EVENTS).where(EVENTS.c.job_id == job_id)
    if marker is not None:
        query = query.where(EVENTS.c.id > marker)
    with session.reader() as connection:
        return connection.execute(
            query.order_by(EVENTS.c.id).limit(limit)).all()
