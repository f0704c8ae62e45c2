# SPDX-License-Identifier: Apache-2.0
"""What is in the trash, and until when."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

revision = '0010'
down_revision = '0009'

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')


def upgrade():
    op.add_column('backups', sa.Column('purge_at', MOMENT))
    op.add_column('backups', sa.Column('trashed_status', sa.String(16)))
    op.create_index('ix_backups_purge_at', 'backups', ['purge_at'])
