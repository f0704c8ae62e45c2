# SPDX-License-Identifier: Apache-2.0
"""Which cloud this database, and each backup, is of."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

revision = '0009'
down_revision = '0008'

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')


def upgrade():
    op.create_table(
        'clouds',
        sa.Column('number', sa.Integer(), primary_key=True,
                  autoincrement=False),
        sa.Column('id', sa.String(36), nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        mysql_engine='InnoDB', mysql_charset='utf8mb4')
    op.add_column('backups', sa.Column('cloud_id', sa.String(36)))
