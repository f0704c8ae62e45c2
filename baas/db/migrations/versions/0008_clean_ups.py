# SPDX-License-Identifier: Apache-2.0
"""Which sets stay, and what says so beside a policy."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

revision = '0008'
down_revision = '0007'

TIMESTAMP = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')
COUNTS = ('last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly')
BACKUPS = sa.table('backups', sa.column('set_id', sa.String),
                   sa.column('set_size', sa.Integer))


def upgrade():
    for column in (
            sa.Column('set_size', sa.Integer()),
            sa.Column('added_bytes', sa.BigInteger()),
            sa.Column('protected', sa.Boolean(), nullable=False,
                      server_default=sa.false()),
            sa.Column('expires_at', TIMESTAMP),
            sa.Column('labels', sa.JSON()),
            sa.Column('suspicions', sa.JSON()),
            sa.Column('trusted_at', TIMESTAMP)):
        op.add_column('backups', column)
    _count_sets()
    op.create_table(
        'cleanups',
        sa.Column('id', sa.String(36), primary_key=True),
        sa.Column('name', sa.String(255)),
        sa.Column('target', sa.String(16), nullable=False, unique=True),
        sa.Column('minimum', sa.Integer(), nullable=False),
        sa.Column('keep_within', sa.String(8)),
        *(sa.Column(f'keep_{name}', sa.Integer(), nullable=False)
          for name in COUNTS),
        sa.Column('timezone', sa.String(64), nullable=False),
        sa.Column('revision', sa.Integer(), nullable=False),
        sa.Column('created_at', TIMESTAMP, nullable=False),
        sa.Column('updated_at', TIMESTAMP, nullable=False),
        mysql_engine='InnoDB', mysql_charset='utf8mb4')


def _count_sets():
    # What was deleted of a set before is not known any more.
    counted = op.get_bind().execute(
        sa.select(BACKUPS.c.set_id, sa.func.count())
        .group_by(BACKUPS.c.set_id)).all()
    for set_id, size in counted:
        op.execute(sa.update(BACKUPS).where(BACKUPS.c.set_id == set_id)
                   .values(set_size=size))
