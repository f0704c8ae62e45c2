# SPDX-License-Identifier: Apache-2.0
"""The pause of all schedules. It is one row, which is always there, and the
lock of whoever must be alone with all schedules."""
import dataclasses
import datetime

import sqlalchemy as sa

from baas.db.schedule import tables
from baas.db import session

PAUSES = tables.SchedulePause.__table__


@dataclasses.dataclass(frozen=True)
class Pause:
    """A pause; times are naive datetimes in UTC.

    :ivar paused_at: when it began; None when there never was one.
    :ivar until: when it ends, or ended; None until somebody ends it.
    :ivar reason: what somebody said why; None for nothing.
    :ivar user_id: who did.
    :ivar now: when it was read, by the clock of the database.
    """
    paused_at: datetime.datetime
    until: datetime.datetime
    reason: str
    user_id: str
    now: datetime.datetime

    def covers(self, time):
        """Tell whether schedules are paused at a time."""
        return (self.paused_at is not None and self.paused_at <= time
                and (self.until is None or time < self.until))

    @property
    def is_on(self):
        """Whether they were when it was read."""
        return self.covers(self.now)


def last():
    """Give the last :class:`Pause`, over or not."""
    with session.reader() as connection:
        return _last(connection)


def begin(*, until, reason, user_id):
    """Pause all schedules from now on; a pause that is on goes on, with what
    is given now.

    :param until: naive datetime in UTC; None: until somebody ends it.
    :returns: the :class:`Pause`.
    """
    with session.writer() as connection:
        lock(connection)
        before = _last(connection)
        connection.execute(sa.update(PAUSES).values(
            paused_at=before.paused_at if before.is_on else before.now,
            until=until, reason=reason, user_id=user_id))
        return _last(connection)


def end():
    """End the pause; when there is none, nothing happens."""
    with session.writer() as connection:
        lock(connection)
        if _last(connection).is_on:
            connection.execute(sa.update(PAUSES).values(
                until=session.utcnow()))


def lock(connection):
    """Have all others wait who want the same, until the transaction ends."""
    connection.execute(sa.update(PAUSES).values(number=PAUSES.c.number))


def _last(connection):
    row = connection.execute(sa.select(PAUSES)).one()
    return Pause(row.paused_at, row.until, row.reason, row.user_id,
                 session.now(connection))
