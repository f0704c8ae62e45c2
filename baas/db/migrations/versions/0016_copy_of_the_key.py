# SPDX-License-Identifier: Apache-2.0
"""Of which master key somebody has shown a copy."""
from alembic import op
import sqlalchemy as sa

revision = '0016'
down_revision = '0015'


def upgrade():
    op.add_column('clouds', sa.Column('key_copied', sa.String(16)))
