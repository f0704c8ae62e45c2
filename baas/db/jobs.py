# SPDX-License-Identifier: Apache-2.0
"""Jobs: the one door through which their state changes, claims and leases."""
from oslo_db import exception as db_exception
import sqlalchemy as sa

from baas.db import models
from baas.db import moves
from baas.db import paging
from baas.db import session
from baas import errors
from baas.jobs import states

JOBS = models.Job.__table__
STEPS = models.Step.__table__
BACKUPS = models.Backup.__table__


def create(job, steps, backups=(), deletes=None, also=None):
    """Write a new job with its steps and backups, in one transaction.

    :param job: mapping of the columns of ``jobs`` that the caller knows.
    :param steps: names of its steps, in order.
    :param backups: mappings of columns of ``backups`` to create with it.
    :param deletes: id of the backup that this job deletes, to be moved to
        ``deleting`` with it; None for other kinds.
    :param also: called with the connection in the same transaction, for what
        must be written with the job or not at all.
    :returns: the row of the job; of one with this id that there was already,
        as it is.
    :raises TargetBusy: another active job holds what this one needs.
    :raises Conflict: the backup to delete is not in a state to be deleted.
    """
    try:
        with session.writer() as connection:
            _insert(connection, job, steps, backups)
            if deletes and not moves.move(
                    connection, BACKUPS.c.status, states.BACKUP, 'delete',
                    deletes, None, [BACKUPS.c.protected.is_(sa.false())]):
                raise errors.Conflict(
                    reason=f'Backup {deletes} is being made or deleted, or '
                           'was protected', remedy='Show it, and delete it '
                    'when it is available or in error')
            if also:
                also(connection)
            return _get(connection, job['id'])
    except db_exception.DBDuplicateEntry:
        holder = active_on(job['holds'])
        if holder is None:
            with session.reader() as connection:
                same = _find(connection, job['id'])
            if same:
                return same
            # It ended in between: the caller may try again.
            return create(  # pragma: no cover - a race
                job, steps, backups, deletes, also)
        raise errors.TargetBusy(job=holder.id, target=job['target'])


def _insert(connection, job, steps, backups):
    now = session.now(connection)
    connection.execute(sa.insert(JOBS).values(
        state=states.QUEUED, created_at=now, epoch=0, **job))
    connection.execute(sa.insert(STEPS), [
        {'job_id': job['id'], 'position': position, 'name': name,
         'state': states.WAITING, 'percent': 0, 'nodes': {}}
        for position, name in enumerate(steps)])
    for backup in backups:
        connection.execute(sa.insert(BACKUPS).values(
            status=states.CREATING, created_at=now, **backup))


def get(id):
    """Give one job.

    :raises NotFound: there is no such job.
    """
    with session.reader() as connection:
        return _get(connection, id)


def page(*, filters=None, sort=(('created_at', 'desc'),), limit=100,
         marker=None):
    """Give one page of jobs; see :func:`baas.db.paging.page`."""
    with session.reader() as connection:
        return paging.page(connection, JOBS, filters=filters or {}, sort=sort,
                           limit=limit, marker=marker)


def active_on(holds):
    """Give the active job that holds a target, or None."""
    with session.reader() as connection:
        return connection.execute(
            sa.select(JOBS).where(JOBS.c.holds == holds)).first()


def move(id, event, *, epoch=None, **values):
    """Change the state of a job: the only way to do so.

    :param event: an event of :data:`baas.jobs.states.JOB`.
    :param epoch: the lease under which the caller acts (int); None where no
        lease is needed (cancel).
    :param values: further columns to set in the same change.
    :returns: the row after the change; None when the move is not allowed
        from the state it is in, or the lease is no longer the caller's.
    """
    with session.writer() as connection:
        final = [after for after in states.sources(states.JOB, event).values()
                 if after in states.JOB_FINAL]
        if 'epoch_' in values:
            values['epoch'] = values.pop('epoch_')
        moved = moves.move(connection, JOBS.c.state, states.JOB, event, id,
                           values, moves.claimed(JOBS.c.id, epoch))
        if moved in final:
            connection.execute(
                sa.update(JOBS).where(JOBS.c.id == id).values(
                    holds=None, lease_until=None,
                    finished_at=session.utcnow()))
        return _get(connection, id) if moved else None


def claim(id, owner, lease):
    """Take a queued job.

    :param owner: name of the conductor.
    :param lease: seconds until the lease ends unless it is renewed.
    :returns: the row, with the epoch of the lease; None when somebody else
        has taken it, or there is no such queued job.
    """
    return move(id, 'start', owner=owner, epoch_=JOBS.c.epoch + 1,
                started_at=session.utcnow(),
                lease_until=session.utcnow(lease))


def take_over(id, epoch, owner, lease):
    """Take a job whose conductor let its lease end, to undo and close it.

    :param epoch: the epoch that was seen, so that one of two takes it.
    :returns: the row with a higher epoch, or None when it is too late.
    """
    return move(id, 'take_over', epoch=epoch, owner=owner,
                epoch_=JOBS.c.epoch + 1, lease_until=session.utcnow(lease))


def renew(id, epoch, lease):
    """Renew a lease.

    :returns: True; False when the lease is lost and the caller must stop.
    """
    with session.writer() as connection:
        result = connection.execute(
            sa.update(JOBS)
            .where(JOBS.c.id == id, *moves.claimed(JOBS.c.id, epoch),
                   JOBS.c.lease_until > session.utcnow())
            .values(lease_until=session.utcnow(lease)))
        return result.rowcount == 1


def set_columns(id, epoch, **columns):
    """Write what a job has found out: what it expects, or what it will do.

    :param epoch: the lease under which the caller acts (int).
    :param columns: ``forecast`` as :func:`baas.jobs.forecast.build` makes it,
        ``plan`` as :func:`baas.jobs.restore_plan.build` does, or ``result``
        by node.
    """
    with session.writer() as connection:
        connection.execute(
            sa.update(JOBS)
            .where(JOBS.c.id == id, *moves.claimed(JOBS.c.id, epoch))
            .values(**columns))


def queued():
    """Give the ids of all queued jobs, oldest first."""
    with session.reader() as connection:
        return connection.execute(
            sa.select(JOBS.c.id).where(JOBS.c.state == states.QUEUED)
            .order_by(JOBS.c.created_at)).scalars().all()


def expired():
    """Give the rows of active jobs whose lease has ended."""
    with session.reader() as connection:
        return connection.execute(
            sa.select(JOBS).where(
                JOBS.c.state.in_([states.RUNNING, states.CANCELLING]),
                JOBS.c.lease_until < session.utcnow())).all()


def by_owner(owner):
    """Give the rows of the active jobs of one conductor."""
    with session.reader() as connection:
        return connection.execute(
            sa.select(JOBS).where(
                JOBS.c.state.in_([states.RUNNING, states.CANCELLING]),
                JOBS.c.owner == owner)).all()


def _find(connection, id):
    return connection.execute(sa.select(JOBS).where(JOBS.c.id == id)).first()


def _get(connection, id):
    row = _find(connection, id)
    if row is None:
        raise errors.NotFound(noun='job', id=id)
    return row
