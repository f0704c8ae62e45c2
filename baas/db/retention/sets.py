# SPDX-License-Identifier: Apache-2.0
"""Sets as clean-ups see them: what is known of their backups together."""
import sqlalchemy as sa

from baas.db import models
from baas.db import moves
from baas.db import session
from baas import errors
from baas.jobs import states
from baas.retention import rules

BACKUPS = models.Backup.__table__
JOBS = models.Job.__table__
_KEPT = BACKUPS.c.purge_at.is_(None)
_SUSPICIOUS = sa.and_(BACKUPS.c.suspicions.is_not(None),
                      BACKUPS.c.trusted_at.is_(None), _KEPT)


class _Refused(Exception):
    """Somebody else was faster with one of the backups."""


def of_target(target, job=None):
    """Give all sets of a target.

    :param job: id of a job that does not count among those that use a set.
    :returns: list of :class:`baas.retention.rules.Set`, and the time (naive
        datetime in UTC), both of one moment.
    """
    with session.reader() as connection:
        used = _in_use(connection, job)
        rows = connection.execute(
            sa.select(
                BACKUPS.c.set_id,
                sa.func.min(BACKUPS.c.created_at).label('created_at'),
                sa.func.count().label('size'),
                sa.func.max(BACKUPS.c.set_size).label('wanted'),
                sa.func.max(BACKUPS.c.expires_at).label('expires_at'),
                sa.func.min(BACKUPS.c.purge_at).label('purge_at'),
                *(sa.func.sum(sa.case((clause, 1), else_=0)).label(name)
                  for name, clause in _COUNTED.items()))
            .where(BACKUPS.c.target == target)
            .group_by(BACKUPS.c.set_id)).all()
        return [_one(row, used) for row in rows], session.now(connection)


_COUNTED = {
    'available': BACKUPS.c.status == states.AVAILABLE,
    'busy': BACKUPS.c.status.in_([states.CREATING, states.DELETING]),
    'verified': BACKUPS.c.verified_at.is_not(None),
    'protected': BACKUPS.c.protected,
    'kept': _KEPT,
    'suspicious': _SUSPICIOUS}


def _one(row, used):
    return rules.Set(
        row.set_id, row.created_at,
        whole=row.available == row.size == (row.wanted or row.size),
        verified=row.verified == row.size, protected=row.protected > 0,
        expires_at=row.expires_at,
        in_use=row.busy > 0 or row.set_id in used,
        suspicious=row.suspicious > 0,
        purge_at=None if row.kept else row.purge_at)


def _in_use(connection, job):
    """Give the ids of the sets that jobs work on which have not ended."""
    active = connection.execute(sa.select(
        JOBS.c.id, JOBS.c.backup_id, JOBS.c.options).where(
            # A verification gives way to a clean-up.
            JOBS.c.kind != 'verify',
            JOBS.c.state.not_in(states.JOB_FINAL), JOBS.c.id != (job or ''))
    ).all()
    used = {row.id for row in active}
    used |= {row.options['set_id'] for row in active
             if 'set_id' in row.options}
    named = [row.backup_id for row in active if row.backup_id]
    return used | set(connection.execute(
        sa.select(BACKUPS.c.set_id).where(BACKUPS.c.id.in_(named))
    ).scalars())


def condemn(id, *, job, epoch):
    """Move all backups of a set to ``deleting``, or none of them; those that
    are in the trash stay there for their time.

    :param job: id of the job that is going to delete them.
    :param epoch: its lease (int).
    :returns: rows of the backups; [] when the set was protected meanwhile,
        or the lease is no longer the caller's.
    """
    try:
        with session.writer() as connection:
            rows = _rows(connection, id, _KEPT)
            for row in rows:
                if not moves.move(
                        connection, BACKUPS.c.status, states.BACKUP,
                        'delete', row.id, None,
                        [BACKUPS.c.protected.is_(sa.false()),
                         *moves.claimed(job, epoch)]):
                    raise _Refused()
            return rows
    except _Refused:
        return []


def deleting(target):
    """Give the rows of the backups of a target that are being deleted."""
    with session.reader() as connection:
        return connection.execute(sa.select(BACKUPS).where(
            BACKUPS.c.target == target,
            BACKUPS.c.status == states.DELETING)).all()


def suspicious(target):
    """Tell whether a set of a target is suspicious, and not in the trash."""
    with session.reader() as connection:
        return connection.execute(
            sa.select(BACKUPS.c.id).where(
                BACKUPS.c.target == target, _SUSPICIOUS).limit(1)
        ).first() is not None


def protect(id, protected):
    """Have nobody delete a set, or let it be deleted again.

    :param id: of the set.
    :param protected: True or False.
    :raises Conflict: it is being deleted, or a part of it is in the trash.
    """
    _set(id, {'protected': protected}, _KEPT)


def trust(id):
    """Say that a set is as it should be, however odd it looks.

    :param id: of the set.
    :raises Conflict: it is being deleted, or nothing is odd about it.
    """
    with session.reader() as connection:
        if not any(row.suspicions for row in _rows(connection, id)):
            raise errors.Conflict(
                reason=f'Nothing is suspicious about set {id}',
                remedy='Trust a set once its backups show suspicions')
    _set(id, {'trusted_at': session.utcnow()})


def usual(row, most):
    """Give the newest good backups of a node that nothing is odd about, or
    that somebody trusts.

    :param row: row of the backup that does not count.
    :param most: how many at most.
    :returns: rows of the same kind of payload, newest first.
    """
    with session.reader() as connection:
        return connection.execute(
            sa.select(BACKUPS)
            .where(BACKUPS.c.node == row.node, BACKUPS.c.id != row.id,
                   BACKUPS.c.target == row.target,
                   BACKUPS.c.payload == row.payload,
                   BACKUPS.c.status == states.AVAILABLE,
                   sa.or_(BACKUPS.c.suspicions.is_(None),
                          BACKUPS.c.trusted_at.is_not(None)))
            .order_by(BACKUPS.c.created_at.desc(), BACKUPS.c.id.desc())
            .limit(most)).all()


def _set(id, values, *clauses):
    with session.writer() as connection:
        rows = _rows(connection, id)
        changed = connection.execute(
            sa.update(BACKUPS).where(
                BACKUPS.c.set_id == id,
                BACKUPS.c.status != states.DELETING,
                *clauses).values(values)).rowcount
        if changed < len(rows):
            raise _conflict(id, rows)


def _conflict(id, rows):
    for row in rows:
        if row.status == states.TRASHED:
            return errors.Conflict(
                reason=f'Backup {row.id} of set {id} is in the trash',
                remedy=f'Send POST /v1/backup/{row.id}/undelete first, or '
                       'wait until it is gone')
    return errors.Conflict(
        reason=f'A backup of set {id} is being deleted',
        remedy='Wait until that job has ended')


def _rows(connection, id, *clauses):
    return connection.execute(
        sa.select(BACKUPS).where(BACKUPS.c.set_id == id, *clauses)
        .order_by(BACKUPS.c.node)).all()
