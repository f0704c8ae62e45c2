# SPDX-License-Identifier: Apache-2.0
"""What sets do not hold."""
from alembic import op
import sqlalchemy as sa

revision = '0012'
down_revision = '0011'


def upgrade():
    op.create_table(
        'coverages',
        sa.Column('job_id', sa.String(36), sa.ForeignKey('jobs.id'),
                  primary_key=True),
        sa.Column('report', sa.JSON(), nullable=False),
        mysql_engine='InnoDB', mysql_charset='utf8mb4')
