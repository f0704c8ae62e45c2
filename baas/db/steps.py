# SPDX-License-Identifier: Apache-2.0
"""Steps of jobs: their moves and their progress."""
import sqlalchemy as sa

from baas.db import models
from baas.db import moves
from baas.db import session
from baas.jobs import states

STEPS = models.Step.__table__


def by_job(job_id):
    """Give the steps of a job, in order."""
    with session.reader() as connection:
        return connection.execute(
            sa.select(STEPS).where(STEPS.c.job_id == job_id)
            .order_by(STEPS.c.position)).all()


def by_jobs(job_ids):
    """Give name, state, task and percent of the steps of several jobs,
    those of one job in order."""
    if not job_ids:
        return []
    with session.reader() as connection:
        return connection.execute(
            sa.select(STEPS.c.job_id, STEPS.c.name, STEPS.c.state,
                      STEPS.c.task, STEPS.c.percent)
            .where(STEPS.c.job_id.in_(job_ids))
            .order_by(STEPS.c.job_id, STEPS.c.position)).all()


def begun(job_id, name):
    """Tell whether a step of a job has been begun with.

    :param name: name of the step.
    """
    return any(row.name == name and row.state not in (
        states.WAITING, states.SKIPPED) for row in by_job(job_id))


def move(id, event, *, epoch=None, **values):
    """Change the state of a step.

    :param event: an event of :data:`baas.jobs.states.STEP`.
    :param epoch: the lease under which the caller acts (int); None where no
        lease is needed.
    :returns: True; False when the step is not in a state for it, or the
        lease is no longer the caller's.
    """
    times = {'start': {'started_at': session.utcnow()},
             'finish': {'finished_at': session.utcnow(), 'percent': 100},
             'fail': {'finished_at': session.utcnow()},
             'cancel': {'finished_at': session.utcnow()}}
    with session.writer() as connection:
        return moves.move(
            connection, STEPS.c.state, states.STEP, event, id,
            {**times.get(event, {}), **values},
            moves.claimed(STEPS.c.job_id, epoch)) is not None


def progress(id, *, task, percent, nodes, epoch=None):
    """Write how far a running step is; nothing when the lease is lost.

    :param task: what it is doing, in words.
    :param percent: 0 to 100 (int).
    :param nodes: progress of each node, as :class:`baas.db.models.Step` has
        it.
    """
    with session.writer() as connection:
        connection.execute(
            sa.update(STEPS)
            .where(STEPS.c.id == id, STEPS.c.state == states.RUNNING,
                   *moves.claimed(STEPS.c.job_id, epoch))
            .values(task=task, percent=percent, nodes=nodes))
