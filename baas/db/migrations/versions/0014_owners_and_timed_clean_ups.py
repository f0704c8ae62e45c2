# SPDX-License-Identifier: Apache-2.0
"""Which service this is beside others with the same key, and when clean-ups
are run by themselves."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

revision = '0014'
down_revision = '0013'

TIMESTAMP = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')


def upgrade():
    op.add_column('clouds', sa.Column('instance', sa.String(36)))
    for column in (
            sa.Column('cron', sa.String(100)),
            sa.Column('window_minutes', sa.Integer(), nullable=False,
                      server_default='60'),
            sa.Column('jitter_seconds', sa.Integer(), nullable=False,
                      server_default='0'),
            sa.Column('missed', sa.String(8), nullable=False,
                      server_default='once'),
            sa.Column('enabled', sa.Boolean(), nullable=False,
                      server_default=sa.true()),
            sa.Column('seen_at', TIMESTAMP),
            sa.Column('request_id', sa.String(64)),
            sa.Column('user_id', sa.String(255))):
        op.add_column('cleanups', column)
    op.create_table(
        'cleanup_runs',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('cleanup_id', sa.String(36), sa.ForeignKey('cleanups.id'),
                  nullable=False),
        sa.Column('tick', TIMESTAMP),
        sa.Column('state', sa.String(16), nullable=False),
        sa.Column('begin_until', TIMESTAMP),
        sa.Column('job_id', sa.String(36)),
        sa.Column('reason', sa.Text()),
        sa.Column('created_at', TIMESTAMP, nullable=False),
        sa.UniqueConstraint('cleanup_id', 'tick',
                            name='uniq_cleanup_runs_tick'),
        mysql_engine='InnoDB', mysql_charset='utf8mb4')
    op.create_index('ix_cleanup_runs_state', 'cleanup_runs', ['state'])
