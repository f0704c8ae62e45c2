# SPDX-License-Identifier: Apache-2.0
"""What a moment cost, on backups; what it is expected to cost, on jobs."""
from alembic import op
import sqlalchemy as sa

revision = '0002'
down_revision = '0001'


def upgrade():
    op.add_column('jobs', sa.Column('forecast', sa.JSON()))
    op.add_column('backups', sa.Column('way', sa.String(8)))
    op.add_column('backups', sa.Column('outages', sa.JSON()))
    op.add_column('backups', sa.Column('client_outage_seconds', sa.Float()))
    # There was one way to rest before this.
    backups = sa.table('backups', sa.column('way', sa.String),
                       sa.column('stopall', sa.Boolean))
    op.execute(sa.update(backups).where(backups.c.stopall == sa.true())
               .values(way='stop'))
