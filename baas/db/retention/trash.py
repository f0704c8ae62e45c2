# SPDX-License-Identifier: Apache-2.0
"""The trash: backups that are removed later, and can be had back until then.

What is in it has ``purge_at``. While it is ``trashed`` nothing of it is
removed; ``deleting`` and ``error`` say that this has begun.
"""
import datetime

import sqlalchemy as sa

from baas.db import models
from baas.db import moves
from baas.db import session
from baas import errors
from baas.jobs import states

BACKUPS = models.Backup.__table__
JOBS = models.Job.__table__
RETRY = 3600
"""Seconds from a purge that did not go through to the next."""
_UNDELETE = {states.AVAILABLE: 'undelete', states.FAILED: 'undelete_failed'}
_IN = BACKUPS.c.purge_at.is_not(None)
AFTER_FAILURE = {'purge_at': sa.case((_IN, session.utcnow(RETRY))),
                 'trashed_status': None}
"""What a backup gets beside its status when its removal has failed: the trash
tries again, and nobody can have it back."""


class _Refused(Exception):
    """Somebody else was faster with one of the backups."""


def demand_out(row):
    """Make sure that a backup is not in the trash already: whoever sends a
    request twice means it once.

    :param row: that of the backup.
    :raises Conflict: it is.
    """
    if row.status == states.TRASHED:
        raise errors.Conflict(
            reason=f'Backup {row.id} is in the trash until '
                   f'{row.purge_at:%Y-%m-%d %H:%M} UTC',
            remedy='Wait until then, or delete it with purge=yes if it may '
                   'go for good now')


def put(id, job, seconds):
    """Move a backup to the trash, and write who asked for that as a job that
    is done: nothing is left to do.

    :param id: of the backup.
    :param job: mapping of the columns of ``jobs`` that the caller knows.
    :param seconds: how long it stays there (int).
    :returns: the row of the job.
    :raises Conflict: it is in no status for it, or protected.
    """
    with session.writer() as connection:
        now = session.now(connection)
        until = now + datetime.timedelta(seconds=seconds)
        if not _put(connection, id, until):
            raise errors.Conflict(
                reason=f'Backup {id} is being made or deleted, or was '
                       'protected', remedy='Show it, and delete it when it '
                'is available or in error')
        connection.execute(sa.insert(JOBS).values({
            **job, 'state': states.DONE, 'holds': None, 'epoch': 0,
            'created_at': now, 'started_at': now, 'finished_at': now,
            'options': {'purge_at': _text(until)}}))
        return connection.execute(
            sa.select(JOBS).where(JOBS.c.id == job['id'])).one()


def put_set(id, seconds, *, job, epoch):
    """Move all backups of a set to the trash, or none of them.

    :param seconds: how long they stay there (int).
    :param job: id of the job that moves them.
    :param epoch: its lease (int).
    :returns: until when they stay there; None when the set was protected
        meanwhile, or the lease is no longer the caller's.
    """
    rows = _rows(BACKUPS.c.set_id == id, ~_IN)
    try:
        with session.writer() as connection:
            until = session.now(connection) + datetime.timedelta(
                seconds=seconds)
            for row in rows:
                if not _put(connection, row.id, until,
                            moves.claimed(job, epoch)):
                    raise _Refused()
            return until
    except _Refused:
        return None


def _put(connection, id, until, clauses=()):
    return any(moves.move(
        connection, BACKUPS.c.status, states.BACKUP, 'trash', id,
        {'purge_at': until, 'trashed_status': status},
        [BACKUPS.c.status == status, BACKUPS.c.protected.is_(sa.false()),
         ~_IN, *clauses]) for status in _UNDELETE)


def undelete(id, whole=False):
    """Have a backup back as it was.

    :param id: of the backup.
    :param whole: True for all of its set that is in the trash, or nothing.
    :raises NotFound: there is no such backup, or it is gone for good.
    :raises Conflict: it is not in the trash, or its removal has begun; so
        with one of the set.
    """
    rows = _rows(BACKUPS.c.id == id)
    if rows and whole and rows[0].purge_at:
        rows = _rows(BACKUPS.c.set_id == rows[0].set_id, _IN)
    if not rows:
        raise errors.NotFound(
            noun='backup', id=id, hint='If it was in the trash, its time '
            'there was over. List what is there with GET '
            '/v1/backup?status=trashed.')
    try:
        with session.writer() as connection:
            for row in rows:
                if not _back(connection, row):
                    raise _Refused(row.id)
    except _Refused as refused:
        _explain(*refused.args)


def _back(connection, row):
    event = _UNDELETE.get(row.trashed_status)
    return event and moves.move(
        connection, BACKUPS.c.status, states.BACKUP, event, row.id,
        {'purge_at': None, 'trashed_status': None},
        [BACKUPS.c.trashed_status == row.trashed_status])


def _explain(id):
    row = _rows(BACKUPS.c.id == id)
    status = row[0].status if row else states.DELETING
    if status == states.DELETING or row[0].purge_at:
        raise errors.Conflict(
            reason=f'Backup {id} is being removed for good, and some of it '
                   'may be gone', remedy='Choose another backup')
    raise errors.Conflict(
        reason=f'Backup {id} is {status}, and not in the trash',
        remedy='List what is there with GET /v1/backup?status=trashed')


def due(now=None):
    """Give what is to be removed for good by now.

    :param now: naive datetime in UTC; None for the database's clock.
    :returns: {target: {id: until when it was in the trash, as text}}.
    """
    found = {}
    for row in _rows(
            BACKUPS.c.purge_at <= (session.utcnow() if now is None else now),
            BACKUPS.c.status.in_([states.TRASHED, states.FAILED])):
        found.setdefault(row.target, {})[row.id] = _text(row.purge_at)
    return found


def condemn(job):
    """Begin to remove what a job was asked to, each set as a whole: what was
    undeleted since, or is there by another request, stays.

    :param job: row of the claimed job; its option ``backups`` is a part of
        what :func:`due` gave.
    :returns: rows of the backups by id of their set; [] for a set that
        stays.
    """
    asked, found = job.options['backups'], {}
    for row in _rows(BACKUPS.c.id.in_(list(asked))):
        found.setdefault(row.set_id, []).append(row)
    return {id: _condemned(job, some, asked) for id, some in found.items()}


def _condemned(job, rows, asked):
    try:
        with session.writer() as connection:
            for row in rows:
                if not moves.move(
                        connection, BACKUPS.c.status, states.BACKUP,
                        'delete', row.id, None,
                        [BACKUPS.c.purge_at == _moment(asked[row.id]),
                         *moves.claimed(job.id, job.epoch)]):
                    raise _Refused()
        return rows
    except _Refused:
        return []


def put_off(job, epoch):
    """Try again later what a job was to remove and has not begun to.

    :param job: row of the job, which ends without having done all.
    :param epoch: the lease under which the caller acts (int).
    """
    for id, seen in job.options['backups'].items():
        with session.writer() as connection:
            connection.execute(
                sa.update(BACKUPS)
                .where(BACKUPS.c.id == id,
                       BACKUPS.c.status.in_([states.TRASHED, states.FAILED]),
                       BACKUPS.c.purge_at == _moment(seen),
                       *moves.claimed(job.id, epoch))
                .values(purge_at=session.utcnow(RETRY)))


def stored_bytes():
    """Give what all that is in the trash has added to the storage (int)."""
    with session.reader() as connection:
        return int(connection.execute(
            sa.select(sa.func.sum(BACKUPS.c.stored_bytes)).where(_IN)
        ).scalar() or 0)


def _rows(*clauses):
    # All who change several take them in this order. What has been read
    # counts for nothing: each change says what it is a change of.
    with session.reader() as connection:
        return connection.execute(
            sa.select(BACKUPS).where(*clauses)
            .order_by(BACKUPS.c.set_id, BACKUPS.c.node)).all()


def _text(moment):
    return moment.isoformat() + 'Z'


def _moment(text):
    return datetime.datetime.fromisoformat(text.removesuffix('Z'))
