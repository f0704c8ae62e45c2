# SPDX-License-Identifier: Apache-2.0
"""Schedules: written, changed against a revision, and looked through."""
from oslo_db import exception as db_exception
import sqlalchemy as sa

from baas.db import paging
from baas.db.schedule import pauses
from baas.db.schedule import schedule_runs
from baas.db.schedule import tables
from baas.db import session
from baas import errors

SCHEDULES = tables.Schedule.__table__
RUNS = tables.ScheduleRun.__table__
_TIMES = ('cron', 'timezone', 'jitter_seconds', 'enabled')
CHANGED = 'The schedule was changed before it could begin.'
DISABLED = 'The schedule was disabled before it could begin.'


def create(schedule, demand=lambda _mine, _others: None):
    """Write a schedule that begins to count now.

    :param schedule: mapping of the columns that the caller knows.
    :param demand: called with the columns of the schedule and the rows of
        the others of its target; nobody adds or changes one
        meanwhile. What it raises leaves everything as it was.
    :returns: its row.
    :raises Conflict: the target has one of the same times.
    """
    with _told(schedule), session.writer() as connection:
        pauses.lock(connection)
        demand(schedule, _others(connection, schedule))
        now = session.now(connection)
        connection.execute(sa.insert(SCHEDULES).values(
            revision=1, seen_at=now, counts_from=now, created_at=now,
            updated_at=now, **schedule))
        return _get(connection, schedule['id'])


def get(id):
    """Give one schedule.

    :raises NotFound: there is no such schedule.
    """
    with session.reader() as connection:
        return _get(connection, id)


def page(*, filters, sort, limit, marker=None):
    """Give one page of schedules; see :func:`baas.db.paging.page`."""
    with session.reader() as connection:
        return paging.page(connection, SCHEDULES, filters=filters, sort=sort,
                           limit=limit, marker=marker)


def enabled():
    """Give the rows of those that are enabled, in a fixed order."""
    with session.reader() as connection:
        return connection.execute(
            sa.select(SCHEDULES).where(SCHEDULES.c.enabled)
            .order_by(SCHEDULES.c.id)).all()


def change(before, demand=lambda _mine, _others: None, **columns):
    """Change a schedule as long as it is what the caller has seen.

    When its times change, or it is enabled or disabled, it begins anew to
    count: runs that wait are skipped, and no earlier tick is caught up. A
    run that waits through any other change begins as the schedule then is.

    :param before: its row as it was seen.
    :param demand: see :func:`create`.
    :param columns: what is to be different.
    :returns: the row after the change; None when somebody was faster.
    :raises Conflict: the target has another one of the same times.
    """
    mixed = {**before._mapping, **columns}
    anew = any(mixed[name] != before._mapping[name] for name in _TIMES)
    if anew:
        columns |= {'seen_at': session.utcnow(), 'overdue_since': None,
                    'counts_from': session.utcnow()}
    with _told(mixed), session.writer() as connection:
        pauses.lock(connection)
        demand(mixed, _others(connection, mixed))
        if connection.execute(
                sa.update(SCHEDULES).where(*_as_seen(before))
                .values(revision=SCHEDULES.c.revision + 1,
                        updated_at=session.utcnow(), **columns)
        ).rowcount == 0:
            return None
        if anew:
            schedule_runs.skip_waiting(
                connection, before.id,
                CHANGED if mixed['enabled'] else DISABLED)
        return _get(connection, before.id)


def delete(before):
    """Delete a schedule and what is known of its runs; jobs stay.

    :param before: its row as it was seen.
    :returns: True; False when it is not what it was any more.
    :raises Conflict: a job of it is at work.
    """
    with session.writer() as connection:
        # The row is locked first, as whoever submits a run does.
        if connection.execute(
                sa.update(SCHEDULES).where(*_as_seen(before))
                .values(revision=SCHEDULES.c.revision + 1)).rowcount == 0:
            return False
        job = schedule_runs.at_work(connection, before.id)
        if job:
            raise errors.Conflict(
                reason=f'Job {job} of schedule {before.id} is at work',
                remedy=f'Wait until job {job} has ended')
        schedule_runs.forget(connection, RUNS.c.schedule_id == before.id)
        connection.execute(sa.delete(SCHEDULES).where(
            SCHEDULES.c.id == before.id))
        return True


def database_time():
    """Ask the database for the time (naive datetime, UTC)."""
    with session.reader() as connection:
        return session.now(connection)


def _others(connection, schedule):
    return connection.execute(sa.select(SCHEDULES).where(
        SCHEDULES.c.target == schedule['target'],
        SCHEDULES.c.id != schedule['id']).order_by(SCHEDULES.c.id)).all()


def _as_seen(before):
    return (SCHEDULES.c.id == before.id,
            SCHEDULES.c.revision == before.revision)


class _told:
    """Tells of which other schedule has the times of this one."""

    def __init__(self, schedule):
        self._schedule = schedule

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _trace):
        if not isinstance(error, db_exception.DBDuplicateEntry):
            return
        mine = self._schedule
        with session.reader() as connection:
            other = connection.execute(sa.select(SCHEDULES).where(*(
                SCHEDULES.c[name] == mine[name]
                for name in ('target', 'timezone', 'timing_key')))).scalar()
        raise of_the_same_times(other) from error


def of_the_same_times(other):
    """Make the error that refuses a schedule of which there is one.

    :param other: id of that one.
    :returns: :class:`baas.errors.Conflict`.
    """
    return errors.Conflict(
        reason=f'Schedule {other} has the same target, cron and timezone',
        remedy='Change that one, or choose another time')


def _get(connection, id):
    row = connection.execute(
        sa.select(SCHEDULES).where(SCHEDULES.c.id == id)).first()
    if row is None:
        raise errors.NotFound(noun='schedule', id=id)
    return row
