# SPDX-License-Identifier: Apache-2.0
"""Debts: what boots of rescue systems have changed and must put back."""
import sqlalchemy as sa

from baas.db import models
from baas.db import moves
from baas.db import session
from baas import errors

DEBTS = models.Debt.__table__
JOBS = models.Job.__table__


class ClaimLost(errors.BaasError):
    """Another conductor has taken the job over and undoes it."""
    code = 409
    faultcode = 'baas.job.claim_lost'
    title = 'Claim lost'
    message = 'Job {job} was taken over by another conductor.'
    hint = 'Look at the log of the job for what that one did.'


def admit(job_id, epoch):
    """Make sure that a claim is still the one that counts.

    :raises ClaimLost: it is not; the caller must not act any more.
    """
    with session.reader() as connection:
        if connection.execute(sa.select(JOBS.c.id).where(
                JOBS.c.id == job_id,
                *moves.claimed(JOBS.c.id, epoch))).first() is None:
            raise ClaimLost(job=job_id)


def note(job_id, node, method, owed, by=None):
    """Write what a job owes for a node, in place of what was written.

    :param method: name of the boot method.
    :param owed: all that is owed (dict).
    :param by: (job id, epoch) of the claim under which the caller acts.
    :raises ClaimLost: the claim is no longer the caller's.
    """
    values = {'job_id': job_id, 'node': node, 'method': method, 'owed': owed}
    with session.writer() as connection:
        changed = connection.execute(
            sa.update(DEBTS)
            .where(DEBTS.c.job_id == job_id, DEBTS.c.node == node,
                   *moves.claimed(*by))
            .values(owed=owed, paid_at=None))
        if changed.rowcount:
            return
        # Nobody without the claim may leave a debt that is none.
        row = sa.select(*(sa.literal(value, DEBTS.c[name].type)
                          for name, value in values.items()),
                        session.utcnow()).select_from(JOBS).where(
            JOBS.c.id == by[0], *moves.claimed(JOBS.c.id, by[1]),
            ~sa.exists().where(DEBTS.c.job_id == job_id,
                               DEBTS.c.node == node))
        made = connection.execute(sa.insert(DEBTS).from_select(
            [*values, 'created_at'], row))
        if not made.rowcount:
            raise ClaimLost(job=by[0])


def pay(job_id, node, by):
    """Write that all of it was put back."""
    _end(job_id, node, by, paid_at=session.utcnow(), error=None)


def fail(job_id, node, by, reason):
    """Write that it could not be put back now, and why (a sentence)."""
    _end(job_id, node, by, tried_at=session.utcnow(), error=reason)


def get(job_id, node):
    """Give the debt of a job for a node, or None."""
    with session.reader() as connection:
        return connection.execute(
            sa.select(DEBTS).where(DEBTS.c.job_id == job_id,
                                   DEBTS.c.node == node)).first()


def unpaid(node=None):
    """Give what is owed by jobs that have ended, oldest first.

    :param node: name of a node, None for all nodes.
    """
    of = [] if node is None else [DEBTS.c.node == node]
    with session.reader() as connection:
        return connection.execute(
            sa.select(DEBTS).join(JOBS, JOBS.c.id == DEBTS.c.job_id)
            .where(DEBTS.c.paid_at.is_(None), JOBS.c.holds.is_(None), *of)
            .order_by(DEBTS.c.id)).all()


def due(seconds):
    """Give what is owed by jobs that have ended and was not tried for some
    seconds, oldest first."""
    with session.reader() as connection:
        return connection.execute(
            sa.select(DEBTS).join(JOBS, JOBS.c.id == DEBTS.c.job_id)
            .where(DEBTS.c.paid_at.is_(None), JOBS.c.holds.is_(None),
                   sa.func.coalesce(DEBTS.c.tried_at, DEBTS.c.created_at)
                   < session.utcnow(-seconds))
            .order_by(DEBTS.c.id)).all()


def _end(job_id, node, by, **values):
    with session.writer() as connection:
        connection.execute(
            sa.update(DEBTS)
            .where(DEBTS.c.job_id == job_id, DEBTS.c.node == node,
                   DEBTS.c.paid_at.is_(None), *moves.claimed(*by))
            .values(**values))
