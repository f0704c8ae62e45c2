# SPDX-License-Identifier: Apache-2.0
"""What monitors are to be told of the jobs of schedules: each of it waits
until somebody has sent it."""
import sqlalchemy as sa

from baas.db import models
from baas.db import moves
from baas.db.schedule import tables
from baas.db import session
from baas.jobs import states

PINGS = tables.SchedulePing.__table__
RUNS = tables.ScheduleRun.__table__
SCHEDULES = tables.Schedule.__table__
JOBS = models.Job.__table__
MOMENTS = START, END = ('start', 'end')


def plan(connection, run_id):
    """Write down that a monitor is to be told of a run."""
    for moment in MOMENTS:
        connection.execute(sa.insert(PINGS).values(
            run_id=run_id, moment=moment, state=states.WAITING, tries=0))


def waiting():
    """Give all that wait, oldest first, and the time by the clock of the
    database.

    :returns: rows with the columns of the ping, ``schedule_id``,
        ``ping_url`` (None when nobody is to be told any more), ``job_id``,
        ``job_state`` and ``started_at`` of its job; and a naive datetime.
    """
    with session.reader() as connection:
        return connection.execute(
            sa.select(PINGS, RUNS.c.schedule_id, SCHEDULES.c.ping_url,
                      RUNS.c.job_id, JOBS.c.state.label('job_state'),
                      JOBS.c.started_at)
            .join(RUNS, RUNS.c.id == PINGS.c.run_id)
            .join(SCHEDULES, SCHEDULES.c.id == RUNS.c.schedule_id)
            .join(JOBS, JOBS.c.id == RUNS.c.job_id)
            .where(PINGS.c.state == states.WAITING)
            .order_by(PINGS.c.run_id, PINGS.c.id)).all(), session.now(
                connection)


def take(ping):
    """Begin to send a ping, which counts as a try from now on.

    :param ping: row of :func:`waiting`.
    :returns: True; False when somebody else has begun.
    """
    with session.writer() as connection:
        return connection.execute(
            sa.update(PINGS)
            .where(PINGS.c.id == ping.id, PINGS.c.state == states.WAITING,
                   PINGS.c.tries == ping.tries)
            .values(tries=ping.tries + 1, tried_at=session.utcnow())
        ).rowcount == 1


def sent(id):
    """Note that a monitor was told.

    :returns: True; False when somebody else has noted it.
    """
    with session.writer() as connection:
        return moves.move(connection, PINGS.c.state, states.PING, 'send', id,
                          {'sent_at': session.utcnow(), 'error': None}
                          ) is not None


def failed(id, reason):
    """Note why a monitor was not told, without any part of its address."""
    with session.writer() as connection:
        connection.execute(
            sa.update(PINGS)
            .where(PINGS.c.id == id, PINGS.c.state == states.WAITING)
            .values(error=reason))


def skip(id, reason):
    """Let a ping not be sent.

    :returns: True; False when it waits no more.
    """
    with session.writer() as connection:
        return moves.move(connection, PINGS.c.state, states.PING, 'skip', id,
                          {'error': reason}) is not None


def last_sent(schedule_ids):
    """Give the id of the newest run of which a monitor was told, by the id
    of its schedule."""
    with session.reader() as connection:
        return dict(connection.execute(
            sa.select(RUNS.c.schedule_id, sa.func.max(RUNS.c.id))
            .join(PINGS, PINGS.c.run_id == RUNS.c.id)
            .where(RUNS.c.schedule_id.in_(schedule_ids),
                   PINGS.c.state == states.SENT)
            .group_by(RUNS.c.schedule_id)).tuples().all())


def by_runs(run_ids):
    """Give what monitors are told of runs: mapping of the id of the run to
    rows."""
    found = {}
    with session.reader() as connection:
        for row in connection.execute(
                sa.select(PINGS).where(PINGS.c.run_id.in_(run_ids))
                .order_by(PINGS.c.id)):
            found.setdefault(row.run_id, []).append(row)
    return found
