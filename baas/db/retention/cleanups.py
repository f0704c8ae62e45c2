# SPDX-License-Identifier: Apache-2.0
"""Policies of clean-ups: written, and changed against a revision."""
from oslo_db import exception as db_exception
import sqlalchemy as sa

from baas.db import models
from baas.db import paging
from baas.db.retention import models as own
from baas.db.schedule import pauses
from baas.db.schedule import schedule_runs
from baas.db.schedule import tables
from baas.db import session
from baas import errors
from baas.jobs import states

CLEANUPS = own.Cleanup.__table__
RUNS = own.CleanupRun.__table__
JOBS = models.Job.__table__
SCHEDULES = tables.Schedule.__table__
TIMED = schedule_runs.Timed(CLEANUPS, RUNS, RUNS.c.cleanup_id, 'cleanup', (
    'name', 'target'))
_TIMES = ('cron', 'timezone', 'jitter_seconds', 'enabled')
CHANGED = 'The policy was changed before it could begin.'
_POLICY = JOBS.c.options['policy'].as_string()


def create(policy):
    """Write a policy.

    :param policy: mapping of the columns that the caller knows.
    :returns: its row.
    :raises Conflict: the target has one already: what one keeps the other
        would remove.
    """
    try:
        with session.writer() as connection:
            now = session.now(connection)
            connection.execute(sa.insert(CLEANUPS).values({
                **policy, 'revision': 1, 'seen_at': now, 'created_at': now,
                'updated_at': now}))
            return _get(connection, policy['id'])
    except db_exception.DBDuplicateEntry as error:
        with session.reader() as connection:
            other = connection.execute(
                sa.select(CLEANUPS.c.id)
                .where(CLEANUPS.c.target == policy['target'])).scalar()
        raise errors.Conflict(
            reason=f'The {policy["target"]} has the policy {other} already, '
                   'and a target has one',
            remedy='Change that one') from error


def get(id):
    """Give one policy.

    :raises NotFound: there is no such policy.
    """
    with session.reader() as connection:
        return _get(connection, id)


def page(*, filters, sort, limit, marker=None):
    """Give one page of policies; see :func:`baas.db.paging.page`."""
    with session.reader() as connection:
        return paging.page(connection, CLEANUPS, filters=filters, sort=sort,
                           limit=limit, marker=marker)


def enabled():
    """Give the rows of those that are run by themselves, in a fixed order."""
    with session.reader() as connection:
        return connection.execute(
            sa.select(CLEANUPS)
            .where(CLEANUPS.c.enabled, CLEANUPS.c.cron.is_not(None))
            .order_by(CLEANUPS.c.id)).all()


def change(before, **columns):
    """Change a policy as long as it is what the caller has seen. When its
    times change, or it is enabled or disabled, it begins anew to count, as a
    schedule does.

    :param before: its row as it was seen.
    :param columns: what is to be different.
    :returns: the row after the change; None when somebody was faster.
    :raises Conflict: a clean-up goes by it.
    """
    anew = any(columns.get(name, before._mapping[name])
               != before._mapping[name] for name in _TIMES)
    if anew:
        columns['seen_at'] = session.utcnow()
    with session.writer() as connection:
        changed = connection.execute(
            sa.update(CLEANUPS).where(*_as_seen(before)).values(
                revision=CLEANUPS.c.revision + 1,
                updated_at=session.utcnow(), **columns)).rowcount
        _demand_idle(connection, before.id)
        if not changed:
            return None
        if anew:
            schedule_runs.skip_waiting(connection, before.id, CHANGED, TIMED)
        return _get(connection, before.id)


def delete(before):
    """Delete a policy as long as it is what the caller has seen.

    :param before: its row as it was seen.
    :returns: True; False when it is not what it was any more.
    :raises Conflict: a clean-up goes by it, or a schedule has one by it.
    """
    with session.writer() as connection:
        pauses.lock(connection)
        _demand_unnamed(connection, before)
        # The row is locked first, as whoever submits a run does.
        seen = connection.execute(
            sa.update(CLEANUPS).where(*_as_seen(before))
            .values(revision=CLEANUPS.c.revision + 1)).rowcount
        _demand_idle(connection, before.id)
        if seen:
            schedule_runs.forget(
                connection, RUNS.c.cleanup_id == before.id, of=TIMED)
            connection.execute(sa.delete(CLEANUPS).where(
                CLEANUPS.c.id == before.id))
        return seen == 1


def of_target(target):
    """Give the policy of a target, or None."""
    with session.reader() as connection:
        return connection.execute(sa.select(CLEANUPS).where(
            CLEANUPS.c.target == target)).first()


def _demand_unnamed(connection, policy):
    words = {'cleanup', f'cleanup:{policy.id}'}
    for row in connection.execute(sa.select(SCHEDULES).where(
            SCHEDULES.c.target == policy.target).order_by(SCHEDULES.c.id)):
        if words & set(row.then or ()):
            raise errors.Conflict(
                reason=f'Schedule {row.id} has clean-ups by policy '
                       f'{policy.id}',
                remedy='Take it out of "then" of the schedule first')


def _as_seen(before):
    return (CLEANUPS.c.id == before.id,
            CLEANUPS.c.revision == before.revision)


def _demand_idle(connection, id):
    job = connection.execute(sa.select(JOBS.c.id).where(
        JOBS.c.kind == 'cleanup', JOBS.c.state.not_in(states.JOB_FINAL),
        _POLICY == id)).scalar()
    if job:
        raise errors.Conflict(
            reason=f'Job {job} cleans up by policy {id}',
            remedy=f'Wait until job {job} has ended')


def _get(connection, id):
    row = connection.execute(
        sa.select(CLEANUPS).where(CLEANUPS.c.id == id)).first()
    if row is None:
        raise errors.NotFound(noun='cleanup', id=id)
    return row
