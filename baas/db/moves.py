# SPDX-License-Identifier: Apache-2.0
"""The one guarded move behind all states: compare, check the lease, swap."""
import sqlalchemy as sa

from baas.db import models
from baas.jobs import states

JOBS = models.Job.__table__


def move(connection, column, moves, event, id, values=None, clauses=()):
    """Change the state of a row, unless somebody else was faster.

    :param connection: a transaction that may write.
    :param column: the column that has the state.
    :param moves: one of the tables of :mod:`baas.jobs.states`.
    :param event: an event of that table.
    :param id: id of the row.
    :param values: further columns to set in the same change.
    :param clauses: what must be true as well, such as :func:`claimed`.
    :returns: the new state; None when the event is not allowed from the
        state that the row is in, or a clause is not true.
    """
    table = column.table
    for before, after in states.sources(moves, event).items():
        result = connection.execute(
            sa.update(table)
            .where(table.c.id == id, column == before, *clauses)
            .values({column.name: after, **(values or {})}))
        if result.rowcount == 1:
            return after
    return None


def claimed(job, epoch):
    """Give the clauses under which a lease is still the one that counts.

    :param job: id of the job (str), or the column that has it.
    :param epoch: number of the lease (int); None where no lease is needed.
    """
    if epoch is None:
        return []
    if job is JOBS.c.id:  # a change of the job itself
        return [JOBS.c.epoch == epoch]
    jobs = JOBS.alias()  # the change may be one of a table joined with it
    return [sa.exists(sa.select(jobs.c.id).where(
        jobs.c.id == job, jobs.c.epoch == epoch))]
