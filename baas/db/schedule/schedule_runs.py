# SPDX-License-Identifier: Apache-2.0
"""Runs of schedules, and of what else has ticks: of each tick one, by a key
that the database keeps."""
import collections.abc
import dataclasses

from oslo_db import exception as db_exception
import sqlalchemy as sa

from baas.db import models
from baas.db import moves
from baas.db import paging
from baas.db.schedule import followers
from baas.db.schedule import schedule_pings
from baas.db.schedule import tables
from baas.db import session
from baas import errors
from baas.jobs import states

SCHEDULES = tables.Schedule.__table__
RUNS = tables.ScheduleRun.__table__
JOBS = models.Job.__table__
OVERTAKEN = 'The next run came before it could begin.'
_KEPT = 100
"""How many runs of a schedule are remembered."""


@dataclasses.dataclass(frozen=True)
class Timed:
    """What has runs.

    :ivar table: its table, with what :class:`baas.schedules.due.Rules` goes
        by, ``seen_at`` and ``revision``.
    :ivar runs: the table of its runs.
    :ivar key: the column of these that has its id.
    :ivar noun: what one is called.
    :ivar needed: names of the columns that a request needs of it.
    :ivar parts: tables of what belongs to its runs.
    :ivar plan: called with a connection, its id and that of a run, in the
        transaction that gives the run its job.
    """
    table: sa.Table
    runs: sa.Table
    key: sa.Column
    noun: str
    needed: tuple
    parts: tuple = ()
    plan: collections.abc.Callable = lambda _connection, _id, _run_id: None


def _plan(connection, schedule_id, run_id):
    """Write down what is to follow a run, and who is to be told of it."""
    schedule = connection.execute(sa.select(
        SCHEDULES.c.then, SCHEDULES.c.ping_url).where(
            SCHEDULES.c.id == schedule_id)).one()
    followers.plan(connection, run_id, schedule.then or [])
    if schedule.ping_url:
        schedule_pings.plan(connection, run_id)


SCHEDULE = Timed(
    SCHEDULES, RUNS, RUNS.c.schedule_id, 'schedule',
    ('name', 'target', 'stopall'),
    (followers.FOLLOWERS, schedule_pings.PINGS), _plan)
_ALWAYS = 'missed', 'window_minutes', 'revision', 'request_id', 'user_id'


class Gone(errors.Conflict):
    """A run is not there to be submitted any more: somebody was faster, or
    its schedule was changed."""

    def __init__(self):
        super().__init__(reason='The run does not wait any more',
                         remedy='Show the schedule, and its last run')


def record(schedule, runs, now, of=SCHEDULE, **columns):
    """Write what has become due, and up to when was looked.

    :param schedule: row of the schedule as it was seen, or of what else has
        runs.
    :param runs: list of :class:`baas.schedules.due.Run`, oldest first.
    :param now: up to when was looked, by the same clock as all looks.
    :param of: what they are runs of (:class:`Timed`); so in all of these.
    :param columns: what else of the schedule is to be different.
    :returns: True; False when somebody else has looked or changed it.
    """
    try:
        with session.writer() as connection:
            if connection.execute(
                    sa.update(of.table)
                    .where(of.table.c.id == schedule.id,
                           of.table.c.revision == schedule.revision,
                           of.table.c.seen_at == schedule.seen_at)
                    .values(seen_at=now, **columns)).rowcount == 0:
                return False
            _write(connection, schedule, runs, now, of)
            return True
    except db_exception.DBDuplicateEntry:  # pragma: no cover - a race
        return False


def _write(connection, schedule, runs, now, of):
    # After a clock was set back, ticks come that have been before.
    known = set(connection.execute(
        sa.select(of.runs.c.tick).where(
            of.key == schedule.id, of.runs.c.tick.in_(
                [run.tick for run in runs]))).scalars())
    new = [run for run in runs if run.tick not in known]
    if not new:
        return
    skip_waiting(connection, schedule.id, OVERTAKEN, of)
    for run in new:
        own = {of.key.name: schedule.id}
        if of is SCHEDULE:
            own['was_missed'] = run.missed
        connection.execute(sa.insert(of.runs).values(
            tick=run.tick, reason=run.reason,
            state=states.SKIPPED if run.reason else states.WAITING,
            begin_until=run.begin_until, created_at=now, **own))
    _forget(connection, schedule.id, of)


def _forget(connection, schedule_id, of):
    runs = of.runs.c
    oldest = connection.execute(
        sa.select(runs.id).where(of.key == schedule_id)
        .order_by(runs.id.desc()).offset(_KEPT).limit(1)).scalar()
    if oldest is not None:
        forget(connection, of.key == schedule_id, runs.id <= oldest,
               runs.state != states.WAITING, of=of)


def forget(connection, *which, of=SCHEDULE):
    """Delete runs, and what belongs to them; jobs stay.

    :param which: clauses that say which.
    """
    ids = sa.select(of.runs.c.id).where(*which)
    for table in of.parts:
        connection.execute(sa.delete(table).where(table.c.run_id.in_(ids)))
    connection.execute(sa.delete(of.runs).where(*which))


def waiting(of=SCHEDULE):
    """Give the runs that are to begin, oldest first: rows with their columns
    and those that a request needs of their schedule, ``revision`` and its id
    as ``of_id`` included.
    """
    with session.reader() as connection:
        return connection.execute(
            sa.select(of.runs, of.key.label('of_id'), *(
                of.table.c[name] for name in (*of.needed, *_ALWAYS)))
            .join(of.table, of.table.c.id == of.key)
            .where(of.runs.c.state == states.WAITING)
            .order_by(of.runs.c.id)).all()


def submitted(connection, run, job_id, of=SCHEDULE):
    """Note the job of a run, in the transaction that writes the job.

    :param run: its row, of :func:`waiting`.
    :raises Gone: it waits no more, or not as it was seen.
    """
    # Written to, so that whoever changes the schedule waits for this.
    seen = _lock(connection, run.of_id, of,
                 of.table.c.revision == run.revision)
    if not seen or moves.move(
            connection, of.runs.c.state, states.RUN, 'submit', run.id,
            {'job_id': job_id, 'reason': None}) is None:
        raise Gone()
    of.plan(connection, run.of_id, run.id)


def asked_for(connection, schedule_id, job_id, of=SCHEDULE):
    """Note a job that somebody asked for at no tick.

    :raises NotFound: the schedule is not there any more.
    """
    if not _lock(connection, schedule_id, of):
        raise errors.NotFound(noun=of.noun, id=schedule_id)
    run_id = connection.execute(sa.insert(of.runs).values(
        job_id=job_id, state=states.SUBMITTED, created_at=session.utcnow(),
        **{of.key.name: schedule_id})).inserted_primary_key[0]
    of.plan(connection, schedule_id, run_id)
    _forget(connection, schedule_id, of)


def _lock(connection, id, of, *clauses):
    return connection.execute(
        sa.update(of.table).where(of.table.c.id == id, *clauses)
        .values(revision=of.table.c.revision)).rowcount == 1


def skip(id, reason, of=SCHEDULE):
    """Let a run that waits not begin.

    :returns: True; False when it waits no more.
    """
    with session.writer() as connection:
        return moves.move(connection, of.runs.c.state, states.RUN, 'skip', id,
                          {'reason': reason}) is not None


def explain(id, reason, begin_until, of=SCHEDULE):
    """Say why a run waits, and until when it does."""
    with session.writer() as connection:
        connection.execute(
            sa.update(of.runs)
            .where(of.runs.c.id == id, of.runs.c.state == states.WAITING)
            .values(reason=reason, begin_until=begin_until))


def skip_waiting(connection, schedule_id, reason, of=SCHEDULE):
    """Let no run of a schedule begin that waits.

    :returns: list of the ids of those that waited.
    """
    waits = connection.execute(sa.select(of.runs.c.id).where(
        of.key == schedule_id,
        of.runs.c.state == states.WAITING)).scalars().all()
    return [id for id in waits
            if moves.move(connection, of.runs.c.state, states.RUN, 'skip', id,
                          {'reason': reason})]


def last(schedule_ids, of=SCHEDULE):
    """Give the last run of each schedule that has one.

    :returns: mapping of the id of the schedule to a row with the columns of
        the run and ``job_state``, None when it has no job.
    """
    runs = of.runs.c
    newest = sa.select(sa.func.max(runs.id)).where(
        of.key.in_(schedule_ids)).group_by(of.key)
    with session.reader() as connection:
        return {getattr(row, of.key.name): row for row in connection.execute(
            sa.select(of.runs, JOBS.c.state.label('job_state'))
            .outerjoin(JOBS, JOBS.c.id == runs.job_id)
            .where(runs.id.in_(newest)))}


def page(schedule_id, *, limit, marker=None):
    """Give one page of the runs of a schedule, newest first.

    :param limit: how many rows at most (int).
    :param marker: id of the last run of the page before (int), or None.
    :returns: rows with the columns of the run and ``job_state``, None when
        it has no job.
    :raises InvalidArgument: the schedule has no run with the marker.
    """
    with session.reader() as connection:
        found = paging.page(
            connection, RUNS, filters={'schedule_id': schedule_id},
            sort=[('id', 'desc')], limit=limit, marker=marker,
            noun=[RUNS.c.schedule_id == schedule_id])
        rows = connection.execute(
            sa.select(RUNS, JOBS.c.state.label('job_state'))
            .outerjoin(JOBS, JOBS.c.id == RUNS.c.job_id)
            .where(RUNS.c.id.in_([row.id for row in found]))
            .order_by(RUNS.c.id.desc())).all()
        return rows


def at_work(connection, schedule_id):
    """Give the id of a job of a schedule, or of one that follows a run of
    it, that has not ended; None when there is none."""
    ended = JOBS.c.state.in_(states.JOB_FINAL)
    of_run = (sa.select(JOBS.c.id).join(RUNS, RUNS.c.job_id == JOBS.c.id)
              .where(RUNS.c.schedule_id == schedule_id, ~ended))
    after = followers.FOLLOWERS
    of_follower = (sa.select(JOBS.c.id)
                   .join(after, after.c.job_id == JOBS.c.id)
                   .join(RUNS, RUNS.c.id == after.c.run_id)
                   .where(RUNS.c.schedule_id == schedule_id, ~ended))
    return connection.execute(of_run.union(of_follower)).scalar()
