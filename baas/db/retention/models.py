# SPDX-License-Identifier: Apache-2.0
"""The tables of clean-ups, beside those of :mod:`baas.db.models`."""
import sqlalchemy as sa

from baas.db import models


class Cleanup(models.Base):
    """Which sets of a target stay: a policy of clean-ups."""
    __tablename__ = 'cleanups'

    id = sa.Column(sa.String(36), primary_key=True)
    name = sa.Column(sa.String(255))
    target = sa.Column(sa.String(16), nullable=False, unique=True)
    (minimum, keep_last, keep_hourly, keep_daily, keep_weekly, keep_monthly,
     keep_yearly) = (sa.Column(sa.Integer, nullable=False) for _ in range(7))
    keep_within = sa.Column(sa.String(8))
    timezone = sa.Column(sa.String(64), nullable=False)
    cron = sa.Column(sa.String(100))
    """When it is run by itself; NULL: never."""
    window_minutes = sa.Column(sa.Integer, nullable=False, default=60)
    jitter_seconds = sa.Column(sa.Integer, nullable=False, default=0)
    missed = sa.Column(sa.String(8), nullable=False, default='once')
    enabled = sa.Column(sa.Boolean, nullable=False, default=True)
    seen_at = sa.Column(models.Timestamp())
    """Up to when a conductor has looked for runs that are due."""
    request_id = sa.Column(sa.String(64))
    """The request that has changed it last; its runs are asked for by it."""
    user_id = sa.Column(sa.String(255))
    revision = sa.Column(sa.Integer, nullable=False)
    created_at = sa.Column(models.Timestamp(), nullable=False)
    updated_at = sa.Column(models.Timestamp(), nullable=False)


class CleanupRun(models.Base):
    """One tick of a policy, and what became of it; as
    :class:`baas.db.schedule.tables.ScheduleRun`."""
    __tablename__ = 'cleanup_runs'
    __table_args__ = (
        sa.UniqueConstraint('cleanup_id', 'tick',
                            name='uniq_cleanup_runs_tick'),
        sa.Index('ix_cleanup_runs_state', 'state'),
        models.Base.__table_args__)

    id = sa.Column(sa.Integer, primary_key=True)
    cleanup_id = sa.Column(sa.String(36), sa.ForeignKey('cleanups.id'),
                           nullable=False)
    tick = sa.Column(models.Timestamp())
    state = sa.Column(sa.String(16), nullable=False)
    begin_until = sa.Column(models.Timestamp())
    job_id = sa.Column(sa.String(36))
    reason = sa.Column(sa.Text)
    created_at = sa.Column(models.Timestamp(), nullable=False)
