# SPDX-License-Identifier: Apache-2.0
"""What verification found out about backups, and the jobs that do it."""
import datetime

from oslo_db import exception as db_exception
import sqlalchemy as sa

from baas.db import models
from baas.db import moves
from baas.db import session
from baas.db.verification import tables
from baas.jobs import states

BACKUPS = models.Backup.__table__
JOBS = models.Job.__table__
DAYS = tables.VerificationDay.__table__
KIND = 'verify'
REMOVES = ('delete', 'cleanup', 'purge')
"""Kinds of jobs that remove what is stored."""


class Taken(Exception):
    """Somebody else has begun the day."""


def to_verify(nodes):
    """Give the backups that are whole, or were until they were damaged.

    :param nodes: names of nodes.
    :returns: rows, by node and age.
    """
    with session.reader() as connection:
        return connection.execute(
            sa.select(BACKUPS)
            .where(BACKUPS.c.node.in_(nodes), sa.or_(
                BACKUPS.c.status == states.AVAILABLE, _damaged()))
            .order_by(BACKUPS.c.node, BACKUPS.c.created_at)).all()


def nodes_of(target):
    """Name the nodes of a target that there is something to verify of
    (sorted)."""
    with session.reader() as connection:
        return sorted(connection.execute(
            sa.select(BACKUPS.c.node).distinct()
            .where(BACKUPS.c.target == target, sa.or_(
                BACKUPS.c.status == states.AVAILABLE, _damaged()))).scalars())


def damaged_nodes(nodes):
    """Name those of some nodes of which a backup is damaged (sorted)."""
    with session.reader() as connection:
        return sorted(connection.execute(
            sa.select(BACKUPS.c.node).distinct()
            .where(BACKUPS.c.node.in_(nodes), _damaged())).scalars())


def judge(id, damages, age, *, job, epoch):
    """Write what was found out about a backup.

    :param damages: list of {node, object, what, files}; [] when it is well.
    :param age: seconds since all of it was read; None: some never was.
    :param job: id of the job that found it out.
    :param epoch: its lease (int).
    :returns: ``damage`` when it was found damaged, ``heal`` when it is well
        again, ``well``; None when nothing could be written.
    """
    claimed = moves.claimed(job, epoch)
    with session.writer() as connection:
        def move(event, values, *clauses):
            return moves.move(connection, BACKUPS.c.status, states.BACKUP,
                              event, id, values, [*clauses, *claimed])

        if damages:
            return move('damage', {
                'damages': damages, 'verified_at': None,
                'error': sentence(damages)}, sa.or_(
                    BACKUPS.c.status == states.AVAILABLE,
                    BACKUPS.c.damages.is_not(None))) and 'damage'
        verified = None if age is None else session.utcnow(-age)
        healed = move('heal', {'damages': None, 'error': None,
                               'verified_at': verified},
                      BACKUPS.c.damages.is_not(None))
        return (healed and 'heal') or (connection.execute(
            sa.update(BACKUPS)
            .where(BACKUPS.c.id == id, BACKUPS.c.status == states.AVAILABLE,
                   *claimed)
            .values(verified_at=verified)).rowcount and 'well') or None


def sentence(damages):
    """Say what is damaged, for people."""
    first = damages[0]
    files = f' ({", ".join(first["files"][:3])})' if first['files'] else ''
    more = (f', and {len(damages) - 1} more' if len(damages) > 1 else '')
    return (f'Verification found damage: {first["object"]} {first["what"]}'
            f'{files}{more}.')


def active(target, kinds):
    """Give the rows of the jobs of some kinds on a target that have not
    ended, oldest first."""
    with session.reader() as connection:
        return connection.execute(
            sa.select(JOBS).where(
                JOBS.c.target == target, JOBS.c.kind.in_(kinds),
                JOBS.c.state.not_in(states.JOB_FINAL))
            .order_by(JOBS.c.created_at)).all()


def unfinished_since(job, longest):
    """Tell from when on the reading counts that earlier verifications of the
    same backup have done, if none of them came to its end.

    :param job: row of the job that verifies it now.
    :param longest: seconds; what was begun longer ago does not count.
    :returns: seconds since then; None: the last one has read all.
    """
    with session.reader() as connection:
        now, since = session.now(connection), None
        for row in connection.execute(
                sa.select(JOBS).where(
                    JOBS.c.kind == KIND, JOBS.c.id != job.id,
                    JOBS.c.backup_id == job.backup_id,
                    JOBS.c.created_at <= job.created_at)
                .order_by(JOBS.c.created_at.desc()).limit(100)):
            age = (now - row.created_at).total_seconds()
            if row.result is not None or age > longest:
                break
            since = age
        return since


def today(connection):
    """Give the day by the clock of the database, and the hour (int)."""
    now = session.now(connection)
    return now.date(), now.hour


def begin_day(connection, target, day, job_id):
    """Note that a day has its job, in the transaction that writes it.

    :param day: :class:`datetime.date`.
    :raises Taken: it has one already.
    """
    try:
        connection.execute(sa.insert(DAYS).values(
            target=target, day=day, job_id=job_id))
    except db_exception.DBDuplicateEntry:
        raise Taken()
    connection.execute(sa.delete(DAYS).where(
        DAYS.c.target == target,
        DAYS.c.day < day - datetime.timedelta(days=90)))


def has_day(connection, target, day):
    """Tell whether a day has its job already."""
    return connection.execute(sa.select(DAYS.c.job_id).where(
        DAYS.c.target == target, DAYS.c.day == day)).first() is not None


def _damaged():
    return sa.and_(BACKUPS.c.status == states.FAILED,
                   BACKUPS.c.damages.is_not(None))
