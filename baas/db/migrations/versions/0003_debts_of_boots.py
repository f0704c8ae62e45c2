# SPDX-License-Identifier: Apache-2.0
"""What boots of rescue systems have changed and must put back."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

revision = '0003'
down_revision = '0002'

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')


def upgrade():
    op.create_table(
        'debts',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('job_id', sa.String(36), sa.ForeignKey('jobs.id'),
                  nullable=False),
        sa.Column('node', sa.String(255), nullable=False),
        sa.Column('method', sa.String(32), nullable=False),
        sa.Column('owed', sa.JSON(), nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('tried_at', MOMENT),
        sa.Column('paid_at', MOMENT),
        sa.Column('error', sa.Text()),
        sa.UniqueConstraint('job_id', 'node', name='uniq_debts_job_node'),
        sa.Index('ix_debts_paid_at', 'paid_at'),
        mysql_engine='InnoDB', mysql_charset='utf8mb4')
