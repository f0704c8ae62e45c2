# SPDX-License-Identifier: Apache-2.0
"""The field's words: what boots must undo, how services were quiesced, and
the kinds and steps of jobs."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

revision = '0006'
down_revision = '0005'

TIMESTAMP = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')
KINDS = {'put-back': 'boot-cleanup', 'plan': 'restore-plan',
         'plan-set': 'restore-set-plan'}
STEPS = {'moment': 'snapshot', 'put_back': 'boot_cleanup'}


def upgrade():
    _boot_undos()
    with op.batch_alter_table('backups') as batch:
        batch.alter_column('way', new_column_name='quiesce_mode',
                           existing_type=sa.String(8))
        batch.alter_column('outages', new_column_name='service_outages',
                           existing_type=sa.JSON())
    _rename('jobs', 'kind', KINDS)
    for table, column in (('jobs', 'error_step'), ('steps', 'name'),
                          ('events', 'step')):
        _rename(table, column, STEPS)
    # They have keys of before; no release has written any.
    jobs = sa.table('jobs', sa.column('forecast', sa.JSON),
                    sa.column('plan', sa.JSON))
    op.execute(sa.update(jobs).values(forecast=sa.null(), plan=sa.null()))


def _boot_undos():
    op.rename_table('debts', 'boot_undos')
    # In this order: the unique constraint is also the index of the foreign
    # key, which MySQL wants to have at any time.
    with op.batch_alter_table('boot_undos') as batch:
        batch.alter_column('owed', new_column_name='undo',
                           existing_type=sa.JSON(), existing_nullable=False)
        batch.alter_column('paid_at', new_column_name='undone_at',
                           existing_type=TIMESTAMP)
        batch.drop_index('ix_debts_paid_at')
    with op.batch_alter_table('boot_undos') as batch:
        batch.create_unique_constraint('uniq_boot_undos_job_node',
                                       ['job_id', 'node'])
        batch.drop_constraint('uniq_debts_job_node', type_='unique')
        batch.create_index('ix_boot_undos_undone_at', ['undone_at'])


def _rename(table, column, words):
    rows = sa.table(table, sa.column(column, sa.String))
    for old, new in words.items():
        op.execute(sa.update(rows).where(rows.c[column] == old)
                   .values({column: new}))
