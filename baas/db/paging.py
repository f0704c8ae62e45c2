# SPDX-License-Identifier: Apache-2.0
"""Pages of a list by key: a page costs the same wherever it lies."""
import sqlalchemy as sa

from baas import errors


def page(connection, table, *, filters, sort, limit, marker, key='id',
         also=(), noun=()):
    """Read one page of a table.

    :param connection: as :func:`baas.db.session.reader` gives it.
    :param table: the table (sqlalchemy.Table).
    :param filters: mapping of column name to the value it must equal, or to
        a tuple of values of which it must equal one.
    :param sort: list of (column name, 'asc' or 'desc'). Ties are broken by
        ``key`` in the direction of the last column.
    :param limit: how many rows at most (int).
    :param marker: value of ``key`` of the last row of the page before, or
        None for the first page.
    :param also: further clauses that rows must meet.
    :param noun: clauses that the marker must meet, too: what makes a row one
        of what is listed, whatever is looked for.
    :returns: list of rows; one more than ``limit`` is never read.
    :raises InvalidArgument: no row has the marker.
    """
    columns = [(table.c[name], direction) for name, direction in sort]
    if key not in [name for name, _direction in sort]:
        columns.append((table.c[key], columns[-1][1] if columns else 'desc'))
    query = sa.select(table).where(*conditions(table, filters), *also)
    if marker is not None:
        last = connection.execute(
            sa.select(*[column for column, _direction in columns])
            .where(table.c[key] == marker, *noun)).first()
        if last is None:
            raise errors.InvalidArgument(
                argument='marker', reason='there is nothing with this id')
        query = query.where(_beyond(columns, [
            value if value is None else sa.literal(value, column.type)
            for (column, _direction), value in zip(columns, last)]))
    query = query.order_by(*[_order(column, direction) for column,
                             direction in columns])
    return connection.execute(query.limit(limit)).all()


def conditions(table, filters):
    """Turn a mapping of filters into clauses, as :func:`page` takes them."""
    clauses = []
    for name, value in filters.items():
        column = table.c[name]
        if isinstance(value, (tuple, list, set, frozenset)):
            clauses.append(column.in_(list(value)))
        else:
            clauses.append(column == value)
    return clauses


def _order(column, direction):
    ordered = column.desc() if direction == 'desc' else column.asc()
    if not column.nullable:
        return ordered
    # Databases differ in where they put NULL; a first key makes it last.
    return sa.sql.expression.ClauseList(column.is_(None), ordered)


def _beyond(columns, last):
    """Say in SQL that a row comes after the row ``last`` in this order.

    :param last: its values; bound, for Python's own True has no order there.
    """
    alternatives, equal = [], []
    for (column, direction), value in zip(columns, last):
        if value is None:  # NULLs are last: only more NULLs can follow
            beyond = sa.false()
        elif direction == 'desc':
            beyond = column < value
        else:
            beyond = column > value
        if column.nullable and value is not None:
            beyond = sa.or_(beyond, column.is_(None))
        alternatives.append(sa.and_(*equal, beyond))
        equal.append(column.is_(None) if value is None else column == value)
    return sa.and_(_bound(*columns[0], last[0]), sa.or_(*alternatives))


def _bound(column, direction, value):
    """Say once more, of the first column alone, where to begin: SQLite does
    not see it in the alternatives and would read from the very start."""
    if column.nullable:
        return sa.true()
    return column <= value if direction == 'desc' else column >= value
