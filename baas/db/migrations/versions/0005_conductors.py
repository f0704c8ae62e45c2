# SPDX-License-Identifier: Apache-2.0
"""Which processes act as conductors, and when they were last seen."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

revision = '0005'
down_revision = '0004'

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')


def upgrade():
    op.create_table(
        'conductors',
        sa.Column('host', sa.String(255), primary_key=True),
        sa.Column('instance', sa.String(36), nullable=False),
        sa.Column('state', sa.String(36), nullable=False),
        sa.Column('machine', sa.String(255), nullable=False),
        sa.Column('pid', sa.Integer(), nullable=False),
        sa.Column('started_at', MOMENT, nullable=False),
        sa.Column('seen_at', MOMENT, nullable=False),
        mysql_engine='InnoDB', mysql_charset='utf8mb4')
