# SPDX-License-Identifier: Apache-2.0
"""Nodes that a set was taken without."""
from alembic import op
import sqlalchemy as sa

revision = '0015'
down_revision = '0014'


def upgrade():
    op.add_column('backups', sa.Column('missing_nodes', sa.JSON()))
