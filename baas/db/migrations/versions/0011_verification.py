# SPDX-License-Identifier: Apache-2.0
"""What was read back of the storage when, and what was damaged."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

revision = '0011'
down_revision = '0010'

TIMESTAMP = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')


def upgrade():
    op.add_column('backups', sa.Column('damages', sa.JSON()))
    op.add_column('jobs', sa.Column('result', sa.JSON()))
    op.create_table(
        'stored_objects',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('node', sa.String(255), nullable=False),
        sa.Column('name', sa.String(255), nullable=False),
        sa.Column('size_bytes', sa.BigInteger(), nullable=False),
        sa.Column('read_at', TIMESTAMP, nullable=False),
        sa.Column('fault', sa.Text()),
        sa.UniqueConstraint('node', 'name', name='uniq_stored_objects'),
        mysql_engine='InnoDB', mysql_charset='utf8mb4')
    op.create_table(
        'verification_days',
        sa.Column('target', sa.String(16), primary_key=True),
        sa.Column('day', sa.Date(), primary_key=True),
        sa.Column('job_id', sa.String(36), nullable=False),
        mysql_engine='InnoDB', mysql_charset='utf8mb4')
