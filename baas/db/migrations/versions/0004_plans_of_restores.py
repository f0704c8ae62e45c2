# SPDX-License-Identifier: Apache-2.0
"""What a restore will do, on its job."""
from alembic import op
import sqlalchemy as sa

revision = '0004'
down_revision = '0003'


def upgrade():
    op.add_column('jobs', sa.Column('plan', sa.JSON()))
