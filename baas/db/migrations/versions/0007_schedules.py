# SPDX-License-Identifier: Apache-2.0
"""When backups are taken by themselves, and what became of each tick."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

revision = '0007'
down_revision = '0006'

TIMESTAMP = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')


def upgrade():
    op.create_table(
        'schedules',
        sa.Column('id', sa.String(36), primary_key=True),
        sa.Column('name', sa.String(255)),
        sa.Column('target', sa.String(16), nullable=False),
        sa.Column('stopall', sa.Boolean(), nullable=False),
        sa.Column('cron', sa.String(100), nullable=False),
        sa.Column('timezone', sa.String(64), nullable=False),
        sa.Column('timing_key', sa.String(64), nullable=False),
        sa.Column('window_minutes', sa.Integer(), nullable=False),
        sa.Column('jitter_seconds', sa.Integer(), nullable=False),
        sa.Column('missed', sa.String(8), nullable=False),
        sa.Column('enabled', sa.Boolean(), nullable=False),
        sa.Column('revision', sa.Integer(), nullable=False),
        sa.Column('seen_at', TIMESTAMP, nullable=False),
        sa.Column('created_at', TIMESTAMP, nullable=False),
        sa.Column('updated_at', TIMESTAMP, nullable=False),
        sa.Column('request_id', sa.String(64)),
        sa.Column('user_id', sa.String(255)),
        sa.UniqueConstraint('target', 'timezone', 'timing_key',
                            name='uniq_schedules_timing'),
        mysql_engine='InnoDB', mysql_charset='utf8mb4')
    op.create_index('ix_schedules_created_at_id', 'schedules',
                    ['created_at', 'id'])
    op.create_table(
        'schedule_runs',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('schedule_id', sa.String(36),
                  sa.ForeignKey('schedules.id'), nullable=False),
        sa.Column('tick', TIMESTAMP),
        sa.Column('state', sa.String(16), nullable=False),
        sa.Column('begin_until', TIMESTAMP),
        sa.Column('job_id', sa.String(36)),
        sa.Column('reason', sa.Text()),
        sa.Column('created_at', TIMESTAMP, nullable=False),
        sa.UniqueConstraint('schedule_id', 'tick',
                            name='uniq_schedule_runs_tick'),
        mysql_engine='InnoDB', mysql_charset='utf8mb4')
    op.create_index('ix_schedule_runs_state', 'schedule_runs', ['state'])
