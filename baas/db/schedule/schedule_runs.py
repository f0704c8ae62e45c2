# SPDX-License-Identifier: Apache-2.0
"""Runs of schedules: of each tick one, by a key that the database keeps."""
from oslo_db import exception as db_exception
import sqlalchemy as sa

from baas.db import models
from baas.db import moves
from baas.db import session
from baas import errors
from baas.jobs import states

SCHEDULES = models.Schedule.__table__
RUNS = models.ScheduleRun.__table__
JOBS = models.Job.__table__
OVERTAKEN = 'The next run came before it could begin.'
_KEPT = 100
"""How many runs of a schedule are remembered."""


class Gone(errors.Conflict):
    """A run is not there to be submitted any more: somebody was faster, or
    its schedule was changed."""

    def __init__(self):
        super().__init__(reason='The run does not wait any more',
                         remedy='Show the schedule, and its last run')


def record(schedule, runs, now):
    """Write what has become due, and up to when was looked.

    :param schedule: row of the schedule as it was seen.
    :param runs: list of :class:`baas.schedules.due.Run`, oldest first.
    :param now: up to when was looked, by the same clock as all looks.
    :returns: True; False when somebody else has looked or changed it.
    """
    try:
        with session.writer() as connection:
            if connection.execute(
                    sa.update(SCHEDULES)
                    .where(SCHEDULES.c.id == schedule.id,
                           SCHEDULES.c.revision == schedule.revision,
                           SCHEDULES.c.seen_at == schedule.seen_at)
                    .values(seen_at=now)).rowcount == 0:
                return False
            _write(connection, schedule, runs, now)
            return True
    except db_exception.DBDuplicateEntry:
        return False


def _write(connection, schedule, runs, now):
    # After a clock was set back, ticks come that have been before.
    known = set(connection.execute(
        sa.select(RUNS.c.tick).where(
            RUNS.c.schedule_id == schedule.id,
            RUNS.c.tick.in_([run.tick for run in runs]))).scalars())
    new = [run for run in runs if run.tick not in known]
    if not new:
        return
    skip_waiting(connection, schedule.id, OVERTAKEN)
    for run in new:
        connection.execute(sa.insert(RUNS).values(
            schedule_id=schedule.id, tick=run.tick, reason=run.reason,
            state=states.SKIPPED if run.reason else states.WAITING,
            begin_until=run.begin_until, created_at=now))
    _forget(connection, schedule.id)


def _forget(connection, schedule_id):
    oldest = connection.execute(
        sa.select(RUNS.c.id).where(RUNS.c.schedule_id == schedule_id)
        .order_by(RUNS.c.id.desc()).offset(_KEPT).limit(1)).scalar()
    if oldest is not None:
        connection.execute(sa.delete(RUNS).where(
            RUNS.c.schedule_id == schedule_id, RUNS.c.id <= oldest,
            RUNS.c.state != states.WAITING))


def waiting():
    """Give the runs that are to begin, oldest first: rows with their columns
    and those that a request needs of their schedule, ``revision`` included.
    """
    with session.reader() as connection:
        return connection.execute(
            sa.select(RUNS, *(SCHEDULES.c[name] for name in (
                'name', 'target', 'stopall', 'missed', 'window_minutes',
                'revision', 'request_id', 'user_id')))
            .join(SCHEDULES, SCHEDULES.c.id == RUNS.c.schedule_id)
            .where(RUNS.c.state == states.WAITING)
            .order_by(RUNS.c.id)).all()


def submitted(connection, run, job_id):
    """Note the job of a run, in the transaction that writes the job.

    :param run: its row, of :func:`waiting`.
    :raises Gone: it waits no more, or not as it was seen.
    """
    # Written to, so that whoever changes the schedule waits for this.
    seen = connection.execute(
        sa.update(SCHEDULES)
        .where(SCHEDULES.c.id == run.schedule_id,
               SCHEDULES.c.revision == run.revision)
        .values(revision=run.revision))
    if seen.rowcount == 0 or moves.move(
            connection, RUNS.c.state, states.RUN, 'submit', run.id,
            {'job_id': job_id, 'reason': None}) is None:
        raise Gone()


def asked_for(connection, schedule_id, job_id):
    """Note a job that somebody asked for at no tick.

    :raises NotFound: the schedule is not there any more.
    """
    values = {'schedule_id': schedule_id, 'job_id': job_id,
              'state': states.SUBMITTED}
    row = sa.select(*(sa.literal(value, RUNS.c[name].type)
                      for name, value in values.items()), session.utcnow(),
                    ).select_from(SCHEDULES).where(
        SCHEDULES.c.id == schedule_id)
    if connection.execute(sa.insert(RUNS).from_select(
            [*values, 'created_at'], row)).rowcount == 0:
        raise errors.NotFound(noun='schedule', id=schedule_id)
    _forget(connection, schedule_id)


def skip(id, reason):
    """Let a run that waits not begin.

    :returns: True; False when it waits no more.
    """
    with session.writer() as connection:
        return moves.move(connection, RUNS.c.state, states.RUN, 'skip', id,
                          {'reason': reason}) is not None


def explain(id, reason, begin_until):
    """Say why a run waits, and until when it does."""
    with session.writer() as connection:
        connection.execute(
            sa.update(RUNS)
            .where(RUNS.c.id == id, RUNS.c.state == states.WAITING)
            .values(reason=reason, begin_until=begin_until))


def skip_waiting(connection, schedule_id, reason):
    """Let no run of a schedule begin that waits.

    :returns: list of the ids of those that waited.
    """
    waits = connection.execute(sa.select(RUNS.c.id).where(
        RUNS.c.schedule_id == schedule_id,
        RUNS.c.state == states.WAITING)).scalars().all()
    return [id for id in waits
            if moves.move(connection, RUNS.c.state, states.RUN, 'skip', id,
                          {'reason': reason})]


def last(schedule_ids):
    """Give the last run of each schedule that has one.

    :returns: mapping of the id of the schedule to a row with the columns of
        the run and ``job_state``, None when it has no job.
    """
    newest = sa.select(sa.func.max(RUNS.c.id)).where(
        RUNS.c.schedule_id.in_(schedule_ids)).group_by(RUNS.c.schedule_id)
    with session.reader() as connection:
        return {row.schedule_id: row for row in connection.execute(
            sa.select(RUNS, JOBS.c.state.label('job_state'))
            .outerjoin(JOBS, JOBS.c.id == RUNS.c.job_id)
            .where(RUNS.c.id.in_(newest)))}
