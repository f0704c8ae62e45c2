# SPDX-License-Identifier: Apache-2.0
"""Whom schedules tell of their jobs, what follows their runs, when a good set
is overdue, and the pause of all of them."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

revision = '0013'
down_revision = '0012'

TIMESTAMP = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')
TABLE = {'mysql_engine': 'InnoDB', 'mysql_charset': 'utf8mb4'}


def upgrade():
    for column in (
            sa.Column('grace_minutes', sa.Integer(), nullable=False,
                      server_default='180'),
            sa.Column('may_overlap', sa.Boolean(), nullable=False,
                      server_default=sa.false()),
            sa.Column('then', sa.JSON()),
            sa.Column('ping_url', sa.String(1024)),
            sa.Column('counts_from', TIMESTAMP),
            sa.Column('overdue_since', TIMESTAMP)):
        op.add_column('schedules', column)
    op.add_column('schedule_runs', sa.Column(
        'was_missed', sa.Boolean(), nullable=False,
        server_default=sa.false()))
    _of_runs('schedule_followers', 'position',
             sa.Column('position', sa.Integer(), nullable=False),
             sa.Column('action', sa.String(64), nullable=False),
             sa.Column('job_id', sa.String(36)),
             sa.Column('reason', sa.Text()))
    _of_runs('schedule_pings', 'moment',
             sa.Column('moment', sa.String(8), nullable=False),
             sa.Column('tries', sa.Integer(), nullable=False),
             sa.Column('tried_at', TIMESTAMP),
             sa.Column('sent_at', TIMESTAMP),
             sa.Column('error', sa.Text()))
    pauses = op.create_table(
        'schedule_pauses',
        sa.Column('number', sa.Integer(), primary_key=True,
                  autoincrement=False),
        sa.Column('paused_at', TIMESTAMP),
        sa.Column('until', TIMESTAMP),
        sa.Column('reason', sa.Text()),
        sa.Column('user_id', sa.String(255)), **TABLE)
    op.execute(sa.insert(pauses).values(number=1))


def _of_runs(name, key, *columns):
    op.create_table(
        name, sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('run_id', sa.Integer(), sa.ForeignKey('schedule_runs.id'),
                  nullable=False),
        *columns, sa.Column('state', sa.String(16), nullable=False),
        sa.UniqueConstraint('run_id', key, name=f'uniq_{name}_run'), **TABLE)
    op.create_index(f'ix_{name}_state', name, ['state'])
