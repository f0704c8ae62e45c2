# SPDX-License-Identifier: Apache-2.0
"""Backups that the database does not know come back from their manifests."""
from oslo_db import exception as db_exception
import sqlalchemy as sa

from baas.db import models
from baas.db import session
from baas.jobs import states

BACKUPS = models.Backup.__table__
_AT_ONCE = 500
"""How many ids go into one question: databases have their limits."""
_MOST = {sa.Integer: 2 ** 31 - 1, sa.BigInteger: 2 ** 63 - 1}


def misfit(row):
    """Name a column that does not take what it is to have (str), or give
    None.

    :param row: as for :func:`add`.
    """
    return next((name for name, value in row.items()
                 if not _fits(BACKUPS.c[name], value)), None)


def _fits(column, value):
    kind = column.type
    if value is None:
        return column.nullable
    if isinstance(kind, sa.JSON):
        return isinstance(value, (dict, list))
    if isinstance(kind, sa.Float):
        return type(value) in (int, float) and 0 <= value < 1e9
    if not isinstance(value, kind.python_type) or (
            isinstance(value, bool) and not isinstance(kind, sa.Boolean)):
        return False
    if isinstance(kind, sa.Integer):
        return 0 <= value <= _MOST[type(kind)]
    if isinstance(kind, sa.String):
        return value.isprintable() and len(value) <= kind.length
    return True


def add(rows, dry_run=False):
    """Write down backups that are whole, unless they are known: all that are
    not, or none.

    :param rows: their columns, but for the status (list of dicts).
    :param dry_run: True to tell only what would be written.
    :returns: (ids that are new, ids that are known with another manifest),
        both sets of str. What is known stays as it is.
    """
    while True:
        try:
            return _add(rows, dry_run)
        except db_exception.DBDuplicateEntry:  # pragma: no cover - a race
            continue  # somebody else adds them, too


def _add(rows, dry_run):
    with session.writer() as connection:
        known = _known(connection, [row['id'] for row in rows])
        fresh = [dict(row, status=states.AVAILABLE) for row in rows
                 if row['id'] not in known]
        if fresh and not dry_run:
            connection.execute(sa.insert(BACKUPS), fresh)
    return {row['id'] for row in fresh}, {
        row['id'] for row in rows
        if known.get(row['id']) not in (None, row['manifest_sha256'])}


def unknown(ids):
    """Tell which backups the database does not know.

    :param ids: of backups (list of str).
    :returns: set of str.
    """
    with session.reader() as connection:
        return set(ids) - set(_known(connection, ids))


def _known(connection, ids):
    known = {}
    for some in _parts(ids):
        known.update(connection.execute(
            sa.select(BACKUPS.c.id, BACKUPS.c.manifest_sha256)
            .where(BACKUPS.c.id.in_(some))).tuples().all())
    return known


def take_back(ids):
    """Forget backups that were added although somebody had just deleted
    them.

    :param ids: as of :func:`add`.
    """
    with session.writer() as connection:
        for some in _parts(sorted(ids)):
            connection.execute(sa.delete(BACKUPS).where(
                BACKUPS.c.id.in_(some),
                BACKUPS.c.status == states.AVAILABLE))


def _parts(ids):
    return [ids[begin:begin + _AT_ONCE]
            for begin in range(0, len(ids), _AT_ONCE)]
