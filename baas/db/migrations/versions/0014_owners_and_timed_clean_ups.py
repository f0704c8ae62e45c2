# SPDX-License-Identifier: Apache-2.0
"""Which service this is, beside others with the same key."""
from alembic import op
import sqlalchemy as sa

revision = '0014'
down_revision = '0009'


def upgrade():
    op.add_column('clouds', sa.Column('instance', sa.String(36)))
