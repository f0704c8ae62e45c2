# SPDX-License-Identifier: Apache-2.0
"""Backups: questions, and the one door through which their status changes."""
import sqlalchemy as sa

from baas.db import models
from baas.db import moves
from baas.db import paging
from baas.db.retention import sets
from baas.db.retention import trash
from baas.db import session
from baas.db import steps
from baas import errors
from baas.jobs import states

BACKUPS = models.Backup.__table__
OTHERS = BACKUPS.alias()
NEWEST = (('created_at', 'desc'),)
LISTED = tuple({before: None for before, _event in states.BACKUP
                if before != states.TRASHED})
"""What lists show unless they are asked for something else."""


class _Refused(Exception):
    """The lease is lost, or a backup is not what it should be."""


def get(id):
    """Give one backup.

    :raises NotFound: there is no such backup.
    """
    with session.reader() as connection:
        row = connection.execute(
            sa.select(BACKUPS).where(BACKUPS.c.id == id)).first()
    if row is None:
        raise errors.NotFound(noun='backup', id=id)
    return row


def page(*, filters=None, sort=NEWEST, limit=100, marker=None, labels=()):
    """Give one page of backups; see :func:`baas.db.paging.page`.

    :param labels: (key, value) of labels that all must be there.
    """
    with session.reader() as connection:
        return paging.page(connection, BACKUPS, filters=filters or {},
                           sort=sort, limit=limit, marker=marker,
                           also=[_labelled(*one) for one in labels])


def _labelled(key, value):
    # As bytes: MariaDB takes Ab, ab and "ab " for the same text.
    found = BACKUPS.c.labels[key].as_string()
    return sa.cast(found, sa.LargeBinary) == value.encode()


def last(filters):
    """Give the newest backup that the filters let through.

    Ties have a fixed order: the higher id comes first.

    :raises NotFound: there is none.
    """
    rows = page(filters=filters, limit=1)
    if not rows:
        raise errors.NoneYet('backup', filters)
    return rows[0]


def by_set(set_id):
    """Give the backups of a set, by node."""
    with session.reader() as connection:
        return connection.execute(
            sa.select(BACKUPS).where(BACKUPS.c.set_id == set_id)
            .order_by(BACKUPS.c.node)).all()


def last_set(target, nodes, *, stopall, quiesce_mode):
    """Give the newest set of which every backup is available.

    :param nodes: names of the nodes that it must have backups of.
    :param quiesce_mode: how services were quiesced; None when none was.
    :returns: its rows; [] when there is none.
    """
    whole = (sa.select(sa.func.count()).select_from(OTHERS)
             .where(OTHERS.c.set_id == BACKUPS.c.set_id,
                    OTHERS.c.status == states.AVAILABLE,
                    OTHERS.c.node.in_(nodes))
             .correlate(BACKUPS).scalar_subquery())
    query = (sa.select(BACKUPS.c.set_id)
             .where(BACKUPS.c.target == target, BACKUPS.c.stopall == stopall,
                    BACKUPS.c.quiesce_mode == quiesce_mode,
                    BACKUPS.c.status == states.AVAILABLE,
                    whole == len(nodes))
             .order_by(BACKUPS.c.created_at.desc(), BACKUPS.c.id.desc())
             .limit(1))
    with session.reader() as connection:
        id = connection.execute(query).scalar()
    return by_set(id) if id else []


def parent(node):
    """Give the payload snapshot that the next backup of a node builds on.

    :returns: id inside the repository, or None for a first backup in it.
    """
    rows = page(filters={'node': node, 'status': states.AVAILABLE,
                         'payload': 'restic'}, limit=1)
    return rows[0].snapshot if rows else None


def failed_since_last(node, set_id):
    """Give the backups of a node that have failed since its last whole one.

    :param set_id: the set that is being taken, which does not count.
    :returns: mapping of id to kind of payload.
    """
    whole = (sa.select(sa.func.max(OTHERS.c.created_at))
             .where(OTHERS.c.node == node, OTHERS.c.set_id != set_id,
                    OTHERS.c.status == states.AVAILABLE).scalar_subquery())
    with session.reader() as connection:
        rows = connection.execute(
            sa.select(BACKUPS.c.id, BACKUPS.c.payload)
            .where(BACKUPS.c.node == node, BACKUPS.c.set_id != set_id,
                   BACKUPS.c.status == states.FAILED,
                   # What is damaged was whole: it may be so again.
                   BACKUPS.c.damages.is_(None),
                   sa.or_(whole.is_(None), BACKUPS.c.created_at > whole))
            .order_by(BACKUPS.c.created_at))
        return {row.id: row.payload for row in rows}


def move(id, event, *, epoch=None, job=None, **values):
    """Change the status of a backup.

    :param event: an event of :data:`baas.jobs.states.BACKUP`.
    :param epoch: the lease under which the caller acts (int); None where no
        lease is needed.
    :param job: id of the job that the lease is on; None for the one that
        takes the backup.
    :returns: True; False when it is not in a status for it, or the lease is
        no longer the caller's.
    """
    with session.writer() as connection:
        return moves.move(connection, BACKUPS.c.status, states.BACKUP, event,
                          id, values, _claimed(epoch, job)) is not None


def leave_out(set_id, reasons, *, epoch):
    """Have a set that is being made go without some nodes.

    :param reasons: {node: sentence} of these nodes; their backups show it.
    :param epoch: the lease under which the caller acts (int).
    :returns: True; False when nothing was changed: the lease is no longer
        the caller's, or a backup is not being made any more.
    """
    try:
        with session.writer() as connection:
            for row in connection.execute(sa.select(BACKUPS).where(
                    BACKUPS.c.set_id == set_id,
                    BACKUPS.c.node.in_(reasons))).all():
                if not moves.move(connection, BACKUPS.c.status,
                                  states.BACKUP, 'fail', row.id,
                                  {'error': reasons[row.node]},
                                  _claimed(epoch)):
                    raise _Refused()
            connection.execute(
                sa.update(BACKUPS).where(BACKUPS.c.set_id == set_id)
                .values(missing_nodes=sorted(reasons)))
    except _Refused:
        return False
    return True


def missing_nodes(rows):
    """Name the nodes that the set of some backups was taken without (set).

    :param rows: rows of backups of one set.
    """
    return {node for row in rows for node in row.missing_nodes or ()}


def measure(id, *, epoch, **values):
    """Write the outage of a backup that is being made.

    :param epoch: the lease on the job that takes it (int).
    :param values: its columns.
    """
    with session.writer() as connection:
        connection.execute(
            sa.update(BACKUPS)
            .where(BACKUPS.c.id == id, BACKUPS.c.status == states.CREATING,
                   *_claimed(epoch)).values(**values))


def spare(id, *, epoch=None, job=None):
    """Let a backup be what it was before a job was to delete it, which has
    not begun to remove what is stored.

    :param epoch: see :func:`move`, as for ``job``.
    :returns: True; False when some of it may be gone since an earlier job, so
        that only another delete is left.
    """
    failed, trashed = BACKUPS.c.error.is_not(None), BACKUPS.c.purge_at.is_not(
        None)
    with session.writer() as connection:
        return any(moves.move(
            connection, BACKUPS.c.status, states.BACKUP, event, id, None,
            [*clauses, *_claimed(epoch, job)]) for event, *clauses in (
                ('spare', ~failed, ~trashed),
                ('spare_failed', failed, ~trashed),
                ('spare_trashed', BACKUPS.c.trashed_status.is_not(None))))


def delete(id, *, epoch=None, job=None):
    """Forget a backup of which nothing is stored any more.

    :param epoch: see :func:`move`, as for ``job``.
    :returns: True; False when it is not being deleted, or the lease is no
        longer the caller's.
    """
    with session.writer() as connection:
        return connection.execute(sa.delete(BACKUPS).where(
            BACKUPS.c.id == id, BACKUPS.c.status == states.DELETING,
            *_claimed(epoch, job))).rowcount == 1


def _claimed(epoch, job=None):
    return moves.claimed(BACKUPS.c.set_id if job is None else job, epoch)


def close_backups(job, reason, epoch, untouched=False):
    """Mark what a job leaves behind: its unfinished backups are in error,
    what it was to delete can be deleted again, and is what it was before if
    no step has begun to remove any of it.

    :param reason: the sentence that the backups show.
    :param epoch: the lease under which the caller acts (int).
    :param untouched: True when it is known that its step that removes has
        started nothing, however far it came.
    :returns: True; False when the lease is no longer the caller's, and who
        has it will say what the backups are.
    """
    left = [row for row in by_set(job.id)
            if row.status == states.CREATING]
    if job.kind == 'delete':
        left += page(filters={'id': job.backup_id,
                              'status': states.DELETING})
    # Nobody else deletes any of the target while such a job is at work.
    if job.kind in ('cleanup', 'purge') and job.started_at:
        left += sets.deleting(job.target)
    if untouched or not steps.begun(job.id, 'delete'):
        left = [row for row in left if row.status == states.CREATING
                or not spare(row.id, epoch=epoch, job=job.id)]
    if job.kind == 'purge':
        trash.put_off(job, epoch)
    # Of what was to be deleted some may be gone: it does not heal any more.
    return all([move(row.id, 'fail', epoch=epoch, job=job.id, error=reason,
                     damages=None, **trash.AFTER_FAILURE) for row in left])
