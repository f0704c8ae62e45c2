# SPDX-License-Identifier: Apache-2.0
"""Boot undos: what boots of rescue systems have changed and must undo."""
import sqlalchemy as sa

from baas.db import models
from baas.db import moves
from baas.db import session
from baas import errors

BOOT_UNDOS = models.BootUndo.__table__
JOBS = models.Job.__table__


class LeaseLost(errors.BaasError):
    """Another conductor has taken the job over and undoes it."""
    code = 409
    faultcode = 'baas.job.lease_lost'
    title = 'Lease lost'
    message = 'Job {job} was taken over by another conductor.'
    hint = 'Look at the log of the job for what that one did.'


def check_lease(job_id, epoch):
    """Make sure that a lease is still the one that counts.

    :raises LeaseLost: it is not; the caller must not act any more.
    """
    with session.reader() as connection:
        if connection.execute(sa.select(JOBS.c.id).where(
                JOBS.c.id == job_id,
                *moves.claimed(JOBS.c.id, epoch))).first() is None:
            raise LeaseLost(job=job_id)


def save(job_id, node, method, undo, by=None):
    """Write the undo of a job for a node, in place of what was written.

    :param method: name of the boot method.
    :param undo: all that is to be undone (dict).
    :param by: (job id, epoch) of the lease under which the caller acts.
    :raises LeaseLost: the lease is no longer the caller's.
    """
    values = {'job_id': job_id, 'node': node, 'method': method, 'undo': undo}
    with session.writer() as connection:
        changed = connection.execute(
            sa.update(BOOT_UNDOS)
            .where(BOOT_UNDOS.c.job_id == job_id, BOOT_UNDOS.c.node == node,
                   *moves.claimed(*by))
            .values(undo=undo, undone_at=None))
        if changed.rowcount:
            return
        # Nobody without the lease may leave an undo that is none.
        row = sa.select(*(sa.literal(value, BOOT_UNDOS.c[name].type)
                          for name, value in values.items()),
                        session.utcnow()).select_from(JOBS).where(
            JOBS.c.id == by[0], *moves.claimed(JOBS.c.id, by[1]),
            ~sa.exists().where(BOOT_UNDOS.c.job_id == job_id,
                               BOOT_UNDOS.c.node == node))
        made = connection.execute(sa.insert(BOOT_UNDOS).from_select(
            [*values, 'created_at'], row))
        if not made.rowcount:
            raise LeaseLost(job=by[0])


def finish(job_id, node, by):
    """Write that all of it was put back."""
    _end(job_id, node, by, undone_at=session.utcnow(), error=None)


def fail(job_id, node, by, reason):
    """Write that it could not be put back now, and why (a sentence)."""
    _end(job_id, node, by, tried_at=session.utcnow(), error=reason)


def get(job_id, node):
    """Give the undo of a job for a node, or None."""
    with session.reader() as connection:
        return connection.execute(
            sa.select(BOOT_UNDOS).where(BOOT_UNDOS.c.job_id == job_id,
                                        BOOT_UNDOS.c.node == node)).first()


def pending(node=None):
    """Give the pending undos of jobs that have ended, oldest first.

    :param node: name of a node, None for all nodes.
    """
    of = [] if node is None else [BOOT_UNDOS.c.node == node]
    with session.reader() as connection:
        return connection.execute(
            sa.select(BOOT_UNDOS).join(JOBS, JOBS.c.id == BOOT_UNDOS.c.job_id)
            .where(BOOT_UNDOS.c.undone_at.is_(None), JOBS.c.holds.is_(None),
                   *of)
            .order_by(BOOT_UNDOS.c.id)).all()


def due(seconds):
    """Give the pending undos of jobs that have ended and was not tried for
    some seconds, oldest first."""
    with session.reader() as connection:
        return connection.execute(
            sa.select(BOOT_UNDOS).join(JOBS, JOBS.c.id == BOOT_UNDOS.c.job_id)
            .where(BOOT_UNDOS.c.undone_at.is_(None), JOBS.c.holds.is_(None),
                   sa.func.coalesce(BOOT_UNDOS.c.tried_at,
                                    BOOT_UNDOS.c.created_at)
                   < session.utcnow(-seconds))
            .order_by(BOOT_UNDOS.c.id)).all()


def _end(job_id, node, by, **values):
    with session.writer() as connection:
        connection.execute(
            sa.update(BOOT_UNDOS)
            .where(BOOT_UNDOS.c.job_id == job_id, BOOT_UNDOS.c.node == node,
                   BOOT_UNDOS.c.undone_at.is_(None), *moves.claimed(*by))
            .values(**values))
