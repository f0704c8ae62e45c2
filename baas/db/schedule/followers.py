# SPDX-License-Identifier: Apache-2.0
"""What follows the runs of schedules: written down with the job of a run,
and begun in order once that has ended well."""
import sqlalchemy as sa

from baas.db import models
from baas.db import moves
from baas.db.schedule import tables
from baas.db import session
from baas import errors
from baas.jobs import states

FOLLOWERS = tables.ScheduleFollower.__table__
RUNS = tables.ScheduleRun.__table__
SCHEDULES = tables.Schedule.__table__
JOBS = models.Job.__table__


class Gone(errors.Conflict):
    """What follows a run is not there to be begun any more: somebody was
    faster, or the schedule was deleted."""

    def __init__(self):
        super().__init__(reason='What follows the run does not wait any more',
                         remedy='List the runs of the schedule')


def plan(connection, run_id, actions):
    """Write down what is to follow a run.

    :param actions: words of :mod:`baas.requests.followers`, in order.
    """
    for position, action in enumerate(actions):
        connection.execute(sa.insert(FOLLOWERS).values(
            run_id=run_id, position=position, action=action,
            state=states.WAITING))


def waiting():
    """Give all that wait, by run and in order.

    :returns: rows with the columns of the follower, ``schedule_id``,
        ``name``, ``target``, ``user_id`` and ``request_id`` of its schedule,
        ``set_id`` and ``run_state``, which are id and state of the job of
        the run, and ``before_id``, ``before`` and ``before_state`` of the
        follower before it: its id, its state and that of its job; all three
        are None for the first.
    """
    before, job, job_before = (FOLLOWERS.alias(), JOBS.alias(), JOBS.alias())
    with session.reader() as connection:
        return connection.execute(
            sa.select(
                FOLLOWERS, RUNS.c.schedule_id,
                *(SCHEDULES.c[name] for name in (
                    'name', 'target', 'user_id', 'request_id')),
                job.c.id.label('set_id'), job.c.state.label('run_state'),
                before.c.id.label('before_id'),
                before.c.state.label('before'),
                job_before.c.state.label('before_state'))
            .join(RUNS, RUNS.c.id == FOLLOWERS.c.run_id)
            .join(SCHEDULES, SCHEDULES.c.id == RUNS.c.schedule_id)
            .join(job, job.c.id == RUNS.c.job_id)
            .outerjoin(before, sa.and_(
                before.c.run_id == FOLLOWERS.c.run_id,
                before.c.position == FOLLOWERS.c.position - 1))
            .outerjoin(job_before, job_before.c.id == before.c.job_id)
            .where(FOLLOWERS.c.state == states.WAITING)
            .order_by(FOLLOWERS.c.run_id, FOLLOWERS.c.position)).all()


def submitted(connection, id, job_id):
    """Note the job of a follower, in the transaction that writes the job.

    :raises Gone: it waits no more.
    """
    if moves.move(connection, FOLLOWERS.c.state, states.RUN, 'submit', id,
                  {'job_id': job_id, 'reason': None}) is None:
        raise Gone()


def skip(id, reason):
    """Let a follower not begin.

    :returns: True; False when it waits no more.
    """
    with session.writer() as connection:
        return moves.move(connection, FOLLOWERS.c.state, states.RUN, 'skip',
                          id, {'reason': reason}) is not None


def explain(id, reason):
    """Say why a follower waits."""
    with session.writer() as connection:
        connection.execute(
            sa.update(FOLLOWERS)
            .where(FOLLOWERS.c.id == id, FOLLOWERS.c.state == states.WAITING)
            .values(reason=reason))


def by_runs(run_ids):
    """Give what follows runs.

    :returns: mapping of the id of the run to rows in order, with the columns
        of the follower and ``job_state``, None when it has no job.
    """
    found = {}
    with session.reader() as connection:
        for row in connection.execute(
                sa.select(FOLLOWERS, JOBS.c.state.label('job_state'))
                .outerjoin(JOBS, JOBS.c.id == FOLLOWERS.c.job_id)
                .where(FOLLOWERS.c.run_id.in_(run_ids))
                .order_by(FOLLOWERS.c.position)):
            found.setdefault(row.run_id, []).append(row)
    return found
