# SPDX-License-Identifier: Apache-2.0
"""Coverages: what jobs have found that a set does not hold."""
import sqlalchemy as sa

from baas.db import models
from baas.db import moves
from baas.db import session
from baas.jobs import states

_MOST = 20
"""How many earlier sets are looked at."""


class Coverage(models.Base):
    """What the set of a job does not hold, or would not."""
    __tablename__ = 'coverages'

    job_id = sa.Column(sa.String(36), sa.ForeignKey('jobs.id'),
                       primary_key=True)
    report = sa.Column(sa.JSON, nullable=False)
    """See :func:`baas.jobs.coverage.report.build`."""


COVERAGES = Coverage.__table__
JOBS = models.Job.__table__
BACKUPS = models.Backup.__table__


def get(job_id):
    """Give the report of a job; None when it has none."""
    with session.reader() as connection:
        return connection.execute(
            sa.select(COVERAGES.c.report)
            .where(COVERAGES.c.job_id == job_id)).scalar()


def write(job_id, epoch, report):
    """Write what a job has found, in place of what it had before.

    :param epoch: the lease under which the caller acts (int).
    :returns: True; False when the lease is no longer the caller's.
    """
    with session.writer() as connection:
        claimed = connection.execute(
            sa.select(JOBS.c.id)
            .where(JOBS.c.id == job_id, *moves.claimed(JOBS.c.id, epoch))
            .with_for_update()).first()
        if claimed is None:
            return False
        connection.execute(sa.delete(COVERAGES).where(
            COVERAGES.c.job_id == job_id))
        connection.execute(sa.insert(COVERAGES).values(
            job_id=job_id, report=report))
        return True


def earlier(job):
    """Give the reports of the sets before a job that have an available
    backup, the newest first.

    :param job: its row.
    :returns: list of {'set_id', 'gaps', 'looked'}.
    """
    query = (
        sa.select(COVERAGES.c.job_id, COVERAGES.c.report)
        .join(JOBS, JOBS.c.id == COVERAGES.c.job_id)
        .where(JOBS.c.target == job.target, JOBS.c.kind == 'backup',
               JOBS.c.id != job.id, JOBS.c.created_at <= job.created_at,
               sa.exists().where(BACKUPS.c.set_id == JOBS.c.id,
                                 BACKUPS.c.status == states.AVAILABLE))
        .order_by(JOBS.c.created_at.desc(), JOBS.c.id.desc()).limit(_MOST))
    with session.reader() as connection:
        return [{'set_id': row.job_id, 'gaps': row.report['gaps'],
                 'looked': row.report['looked']}
                for row in connection.execute(query)]


def backed_up():
    """Name all nodes that have an available backup (set of str)."""
    with session.reader() as connection:
        return set(connection.execute(
            sa.select(BACKUPS.c.node).distinct()
            .where(BACKUPS.c.status == states.AVAILABLE)).scalars())
