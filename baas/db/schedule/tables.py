# SPDX-License-Identifier: Apache-2.0
"""The tables of schedules: their columns are said here and only here."""
import sqlalchemy as sa

from baas.db import models

Base, Timestamp = models.Base, models.Timestamp


class Masked(str):
    """Text that no error of the database shows, and no row that is printed."""

    def __repr__(self):
        return "'***'"


class Secret(sa.types.TypeDecorator):
    """A column of which the value is a secret."""
    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value, dialect):
        """See :class:`sqlalchemy.types.TypeDecorator`."""
        return None if value is None else Masked(value)

    process_result_value = process_bind_param


class Schedule(Base):
    """When backups of a target are taken by themselves."""
    __tablename__ = 'schedules'
    __table_args__ = (
        sa.UniqueConstraint('target', 'timezone', 'timing_key',
                            name='uniq_schedules_timing'),
        sa.Index('ix_schedules_created_at_id', 'created_at', 'id'),
        Base.__table_args__)

    id = sa.Column(sa.String(36), primary_key=True)
    name = sa.Column(sa.String(255))
    """What it and its backups are called."""
    target = sa.Column(sa.String(16), nullable=False)
    stopall = sa.Column(sa.Boolean, nullable=False)
    cron = sa.Column(sa.String(100), nullable=False)
    timezone = sa.Column(sa.String(64), nullable=False)
    timing_key = sa.Column(sa.String(64), nullable=False)
    """The same for expressions that mean the same."""
    window_minutes = sa.Column(sa.Integer, nullable=False)
    jitter_seconds = sa.Column(sa.Integer, nullable=False)
    missed = sa.Column(sa.String(8), nullable=False)
    grace_minutes = sa.Column(sa.Integer, nullable=False, default=180)
    """How long after its window a good set may still be awaited."""
    may_overlap = sa.Column(sa.Boolean, nullable=False, default=False)
    then = sa.Column(sa.JSON(none_as_null=True))
    """What follows its good runs, in order (list of words); NULL: nothing."""
    ping_url = sa.Column(Secret(1024))
    """Whom to tell of its jobs. A secret: it is shown to nobody."""
    enabled = sa.Column(sa.Boolean, nullable=False)
    revision = sa.Column(sa.Integer, nullable=False)
    """Rises with every change that somebody asks for."""
    seen_at = sa.Column(Timestamp(), nullable=False)
    """Up to when a conductor has looked for runs that are due."""
    counts_from = sa.Column(Timestamp())
    """Earlier ticks are not expected to have a good set; NULL: those before
    it was made."""
    overdue_since = sa.Column(Timestamp())
    """Until when there was to be a good set that is not there."""
    created_at = sa.Column(Timestamp(), nullable=False)
    updated_at = sa.Column(Timestamp(), nullable=False)
    request_id = sa.Column(sa.String(64))
    """The request that has changed it last; its runs are asked for by it."""
    user_id = sa.Column(sa.String(255))


class ScheduleRun(Base):
    """One tick of a schedule, and what became of it."""
    __tablename__ = 'schedule_runs'
    __table_args__ = (
        sa.UniqueConstraint('schedule_id', 'tick',
                            name='uniq_schedule_runs_tick'),
        sa.Index('ix_schedule_runs_state', 'state'),
        Base.__table_args__)

    id = sa.Column(sa.Integer, primary_key=True)
    schedule_id = sa.Column(sa.String(36), sa.ForeignKey('schedules.id'),
                            nullable=False)
    tick = sa.Column(Timestamp())
    """When the cron expression named it; NULL: somebody asked for it."""
    state = sa.Column(sa.String(16), nullable=False)
    begin_until = sa.Column(Timestamp())
    """When its window ends."""
    job_id = sa.Column(sa.String(36))
    reason = sa.Column(sa.Text)
    """Why it was skipped, or waits."""
    was_missed = sa.Column(sa.Boolean, nullable=False, default=False)
    """True when nobody looked while it could have begun."""
    created_at = sa.Column(Timestamp(), nullable=False)


class ScheduleFollower(Base):
    """What follows a run, once its job has ended well."""
    __tablename__ = 'schedule_followers'
    __table_args__ = (
        sa.UniqueConstraint('run_id', 'position',
                            name='uniq_schedule_followers_run'),
        sa.Index('ix_schedule_followers_state', 'state'),
        Base.__table_args__)

    id = sa.Column(sa.Integer, primary_key=True)
    run_id = sa.Column(sa.Integer, sa.ForeignKey('schedule_runs.id'),
                       nullable=False)
    position = sa.Column(sa.Integer, nullable=False)
    action = sa.Column(sa.String(64), nullable=False)
    """A word that baas.requests.followers knows."""
    state = sa.Column(sa.String(16), nullable=False)
    job_id = sa.Column(sa.String(36))
    reason = sa.Column(sa.Text)
    """Why it was skipped, or waits."""


class SchedulePing(Base):
    """What a monitor is to be told of the job of a run."""
    __tablename__ = 'schedule_pings'
    __table_args__ = (
        sa.UniqueConstraint('run_id', 'moment',
                            name='uniq_schedule_pings_run'),
        sa.Index('ix_schedule_pings_state', 'state'),
        Base.__table_args__)

    id = sa.Column(sa.Integer, primary_key=True)
    run_id = sa.Column(sa.Integer, sa.ForeignKey('schedule_runs.id'),
                       nullable=False)
    moment = sa.Column(sa.String(8), nullable=False)
    """start or end of the job."""
    state = sa.Column(sa.String(16), nullable=False)
    tries = sa.Column(sa.Integer, nullable=False, default=0)
    tried_at = sa.Column(Timestamp())
    """When somebody last began to send it."""
    sent_at = sa.Column(Timestamp())
    error = sa.Column(sa.Text)
    """Why the last try failed; without the address."""


class SchedulePause(Base):
    """The last pause of all schedules, over or not: one row."""
    __tablename__ = 'schedule_pauses'

    number = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    """Always 1, so that there is no second one."""
    paused_at = sa.Column(Timestamp())
    """When it began; NULL when there never was one."""
    until = sa.Column(Timestamp())
    """When it ends, or ended; NULL: when somebody ends it."""
    reason = sa.Column(sa.Text)
    user_id = sa.Column(sa.String(255))
