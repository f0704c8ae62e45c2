# SPDX-License-Identifier: Apache-2.0
"""The log of a job, line by line, readable while the job runs."""
import sqlalchemy as sa

from baas.db import models
from baas.db import moves
from baas.db import paging
from baas.db import session

EVENTS = models.Event.__table__
JOBS = models.Job.__table__


def add(job_id, message, *, level='info', step=None, node=None, epoch=None,
        age=0):
    """Append a line to the log of a job; nothing when the lease is lost.

    :param message: one sentence; secrets are kept out by whoever writes it.
    :param level: info, warning or error.
    :param epoch: the lease under which the caller acts (int); None where no
        lease is needed.
    :param age: how many seconds ago it was said.
    """
    values = {'job_id': job_id, 'message': message, 'level': level,
              'step': step, 'node': node}
    row = sa.select(
        *(sa.literal(value, EVENTS.c[name].type)
          for name, value in values.items()), session.utcnow(-age),
    ).select_from(JOBS).where(
        JOBS.c.id == job_id, *moves.claimed(JOBS.c.id, epoch))
    with session.writer() as connection:
        connection.execute(sa.insert(EVENTS).from_select(
            [*values, 'created_at'], row))


def page(job_id, *, limit, marker=None):
    """Give lines of a job's log, oldest first.

    :param marker: id of the last line already seen (int), or None.
    :raises InvalidArgument: the log has no line with the marker.
    """
    with session.reader() as connection:
        return paging.page(
            connection, EVENTS, filters={'job_id': job_id},
            sort=[('id', 'asc')], limit=limit, marker=marker,
            noun=[EVENTS.c.job_id == job_id])
