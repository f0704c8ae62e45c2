# SPDX-License-Identifier: Apache-2.0
"""Conductors: which process has a name, and when it was last seen."""
from oslo_db import exception as db_exception
import sqlalchemy as sa

from baas.db import models
from baas.db import session

CONDUCTORS = models.Conductor.__table__


def get(host):
    """Give the row of who has a name, or None.

    :param host: ``[conductor] host``.
    """
    with session.reader() as connection:
        return connection.execute(
            sa.select(CONDUCTORS).where(CONDUCTORS.c.host == host)).first()


def alive(seconds):
    """Give the rows of those that were seen in the last seconds."""
    with session.reader() as connection:
        return connection.execute(
            sa.select(CONDUCTORS)
            .where(CONDUCTORS.c.seen_at > session.utcnow(-seconds))
            .order_by(CONDUCTORS.c.host)).all()


def register(host, me, *, silence=None, instead_of=None):
    """Take a name that nobody has, or that its holder has lost.

    :param me: mapping of instance, state, machine and pid of the process.
    :param silence: for how many seconds a holder must not have been seen;
        None when nobody may be replaced so.
    :param instead_of: row of the holder that is known to be dead, or None.
    :returns: True; False when somebody has the name.
    """
    row = {**me, 'started_at': session.utcnow(), 'seen_at': session.utcnow()}
    over = [CONDUCTORS.c.instance == me['instance']]
    if silence is not None:
        over.append(CONDUCTORS.c.seen_at < session.utcnow(-silence))
    if instead_of is not None:
        # As it was seen: it may have shown itself to be alive meanwhile.
        over.append(sa.and_(CONDUCTORS.c.instance == instead_of.instance,
                            CONDUCTORS.c.seen_at == instead_of.seen_at))
    try:
        with session.writer() as connection:
            if connection.execute(
                    sa.update(CONDUCTORS)
                    .where(CONDUCTORS.c.host == host, sa.or_(*over))
                    .values(row)).rowcount == 1:
                return True
            connection.execute(sa.insert(CONDUCTORS).values(host=host, **row))
            return True
    except db_exception.DBDuplicateEntry:
        return False


def beat(host, instance):
    """Show that a process is alive.

    :returns: True; False when the name is not its own any more.
    """
    with session.writer() as connection:
        return connection.execute(
            sa.update(CONDUCTORS)
            .where(CONDUCTORS.c.host == host,
                   CONDUCTORS.c.instance == instance)
            .values(seen_at=session.utcnow())).rowcount == 1


def leave(host, instance):
    """Give a name back."""
    with session.writer() as connection:
        connection.execute(sa.delete(CONDUCTORS).where(
            CONDUCTORS.c.host == host, CONDUCTORS.c.instance == instance))
