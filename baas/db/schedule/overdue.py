# SPDX-License-Identifier: Apache-2.0
"""Which schedules are overdue: whoever notices it first writes it down."""
import sqlalchemy as sa

from baas.db import models
from baas.db.schedule import tables
from baas.db import session
from baas.jobs import states

SCHEDULES = tables.Schedule.__table__
RUNS = tables.ScheduleRun.__table__
BACKUPS = models.Backup.__table__


def last_good(schedule_ids):
    """Tell when the last good set of each schedule was asked for: one that
    still has an available backup of each node that it was taken of.

    :returns: mapping of the id of the schedule to a naive datetime in UTC;
        without those that have none.
    """
    available = sa.func.sum(sa.case(
        (BACKUPS.c.status == states.AVAILABLE, 1), else_=0))
    good = (sa.select(RUNS.c.schedule_id,
                      sa.func.min(BACKUPS.c.created_at).label('created_at'))
            .join(BACKUPS, BACKUPS.c.set_id == RUNS.c.job_id)
            .where(RUNS.c.schedule_id.in_(schedule_ids))
            .group_by(RUNS.c.schedule_id, BACKUPS.c.set_id)
            .having(available == sa.func.count(),
                    available >= sa.func.coalesce(
                        sa.func.max(BACKUPS.c.set_size), 0)).subquery())
    with session.reader() as connection:
        return dict(connection.execute(
            sa.select(good.c.schedule_id, sa.func.max(good.c.created_at))
            .group_by(good.c.schedule_id)).tuples().all())


def mark(before, since):
    """Write down that a schedule is overdue, or is not any more.

    :param before: its row as it was seen.
    :param since: naive datetime in UTC; None when it is not.
    :returns: True; False when somebody was faster, or has changed it.
    """
    known = SCHEDULES.c.overdue_since
    with session.writer() as connection:
        return connection.execute(
            sa.update(SCHEDULES)
            .where(SCHEDULES.c.id == before.id,
                   SCHEDULES.c.revision == before.revision,
                   known.is_(None) if before.overdue_since is None
                   else known == before.overdue_since)
            .values(overdue_since=since)).rowcount == 1
