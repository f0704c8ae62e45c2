# SPDX-License-Identifier: Apache-2.0
"""Restores: queries over restore jobs."""
import sqlalchemy as sa

from baas.db import models
from baas.db import paging
from baas.db import session
from baas.jobs import states

JOBS = models.Job.__table__
STEPS = models.Step.__table__
BACKUPS = models.Backup.__table__
KINDS = ('restore', 'restore-set')
_MANY = 100
_SET = JOBS.c.options['set_id'].as_string()


def page(*, filters, node=None, sort, limit, marker=None):
    """Give one page of restores; see :func:`baas.db.paging.page`.

    :param node: inventory name of a node; only restores of it, alone or with
        a whole set. Of a set that was deleted nobody knows the nodes.
    """
    also = [] if node is None else [sa.or_(
        JOBS.c.node == node,
        sa.exists().where(BACKUPS.c.set_id == _SET, BACKUPS.c.node == node))]
    with session.reader() as connection:
        return paging.page(
            connection, JOBS, filters={'kind': KINDS, **filters}, sort=sort,
            limit=limit, marker=marker, also=also,
            noun=[JOBS.c.kind.in_(KINDS)])


def done():
    """Give what the newest restores that went well have taken.

    :returns: rows, newest first, of id, kind, target, node, started_at,
        finished_at, recover_at and recovered_at (when the step ``recover``
        began and ended), and size_bytes, of the largest of its backups; None
        when that is not there any more.
    """
    recover = STEPS.alias()
    size = sa.func.max(BACKUPS.c.size_bytes)
    query = (
        sa.select(JOBS.c.id, JOBS.c.kind, JOBS.c.target, JOBS.c.node,
                  JOBS.c.started_at, JOBS.c.finished_at,
                  recover.c.started_at.label('recover_at'),
                  recover.c.finished_at.label('recovered_at'),
                  size.label('size_bytes'))
        .join(recover, sa.and_(recover.c.job_id == JOBS.c.id,
                               recover.c.name == 'recover'))
        .outerjoin(BACKUPS, sa.or_(
            BACKUPS.c.id == JOBS.c.backup_id,
            BACKUPS.c.set_id == _SET))
        .where(JOBS.c.kind.in_(KINDS), JOBS.c.state == states.DONE)
        .group_by(JOBS.c.id, recover.c.id)
        .order_by(JOBS.c.created_at.desc(), JOBS.c.id.desc()).limit(_MANY))
    with session.reader() as connection:
        return connection.execute(query).all()
