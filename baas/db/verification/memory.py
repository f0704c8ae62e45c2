# SPDX-License-Identifier: Apache-2.0
"""What was read back of each node, and when."""
from oslo_db import exception as db_exception
import sqlalchemy as sa

from baas.db import session
from baas.db.verification import tables

OBJECTS = tables.StoredObject.__table__
_MOST = 300
"""Names in one question."""


def ages(node):
    """Tell how long ago each object of a node was read.

    :returns: {name: seconds (float)}.
    """
    with session.reader() as connection:
        now = session.now(connection)
        return {row.name: (now - row.read_at).total_seconds()
                for row in connection.execute(
                    sa.select(OBJECTS.c.name, OBJECTS.c.read_at)
                    .where(OBJECTS.c.node == node))}


def faulty(node):
    """Name the objects of a node that had a fault when they were last read
    (sorted)."""
    with session.reader() as connection:
        return connection.execute(
            sa.select(OBJECTS.c.name)
            .where(OBJECTS.c.node == node, OBJECTS.c.fault.is_not(None))
            .order_by(OBJECTS.c.name)).scalars().all()


def remember(node, read, gone=()):
    """Write down what was read just now.

    :param read: {name: (size in bytes, fault or None)}.
    :param gone: names of objects that are not stored any more.
    """
    names = sorted({*read, *gone})
    for begin in range(0, len(names), _MOST):
        some = names[begin:begin + _MOST]
        try:
            _replace(node, some, read)
        except (db_exception.DBDuplicateEntry, db_exception.DBDeadlock):
            # Another reader of the same was faster; both are right.
            _replace(node, some, read)


def _replace(node, names, read):
    with session.writer() as connection:
        now = session.now(connection)
        connection.execute(sa.delete(OBJECTS).where(
            OBJECTS.c.node == node, OBJECTS.c.name.in_(names)))
        rows = [{'node': node, 'name': name, 'size_bytes': read[name][0],
                 'read_at': now, 'fault': read[name][1]}
                for name in names if name in read]
        if rows:
            connection.execute(sa.insert(OBJECTS), rows)
