# SPDX-License-Identifier: Apache-2.0
"""The first tables: jobs, their steps and logs, and backups."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

revision = '0001'
down_revision = None

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')
MYSQL = {'mysql_engine': 'InnoDB', 'mysql_charset': 'utf8mb4'}


def upgrade():
    _jobs()
    _steps()
    _events()
    _backups()


def _jobs():
    op.create_table(
        'jobs',
        sa.Column('id', sa.String(36), primary_key=True),
        sa.Column('kind', sa.String(16), nullable=False),
        sa.Column('name', sa.String(255)),
        sa.Column('state', sa.String(16), nullable=False),
        sa.Column('target', sa.String(16), nullable=False),
        sa.Column('node', sa.String(255)),
        sa.Column('backup_id', sa.String(36)),
        sa.Column('options', sa.JSON(), nullable=False),
        sa.Column('holds', sa.String(64), unique=True),
        sa.Column('owner', sa.String(255)),
        sa.Column('epoch', sa.Integer(), nullable=False),
        sa.Column('lease_until', MOMENT),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('started_at', MOMENT),
        sa.Column('finished_at', MOMENT),
        sa.Column('request_id', sa.String(64)),
        sa.Column('user_id', sa.String(255)),
        sa.Column('error_node', sa.String(255)),
        sa.Column('error_step', sa.String(32)),
        sa.Column('error_cause', sa.Text()),
        sa.Column('error_hint', sa.Text()),
        sa.Index('ix_jobs_created_at_id', 'created_at', 'id'),
        sa.Index('ix_jobs_kind_created_at_id', 'kind', 'created_at', 'id'),
        sa.Index('ix_jobs_state_lease_until', 'state', 'lease_until'),
        **MYSQL)


def _steps():
    op.create_table(
        'steps',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('job_id', sa.String(36), sa.ForeignKey('jobs.id'),
                  nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(32), nullable=False),
        sa.Column('state', sa.String(16), nullable=False),
        sa.Column('task', sa.String(255)),
        sa.Column('percent', sa.Integer(), nullable=False),
        sa.Column('nodes', sa.JSON(), nullable=False),
        sa.Column('started_at', MOMENT),
        sa.Column('finished_at', MOMENT),
        sa.UniqueConstraint('job_id', 'position', name='uniq_steps_job'),
        **MYSQL)


def _events():
    op.create_table(
        'events',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('job_id', sa.String(36), sa.ForeignKey('jobs.id'),
                  nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('level', sa.String(8), nullable=False),
        sa.Column('step', sa.String(32)),
        sa.Column('node', sa.String(255)),
        sa.Column('message', sa.Text(), nullable=False),
        sa.Index('ix_events_job_id_id', 'job_id', 'id'),
        **MYSQL)


def _backups():
    op.create_table(
        'backups',
        sa.Column('id', sa.String(36), primary_key=True),
        sa.Column('set_id', sa.String(36), nullable=False),
        sa.Column('name', sa.String(255), nullable=False),
        sa.Column('target', sa.String(16), nullable=False),
        sa.Column('node', sa.String(255), nullable=False),
        sa.Column('status', sa.String(16), nullable=False),
        sa.Column('stopall', sa.Boolean(), nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('location_url', sa.String(1024), nullable=False),
        sa.Column('payload', sa.String(16), nullable=False),
        sa.Column('snapshot', sa.String(64)),
        sa.Column('manifest_sha256', sa.String(64)),
        sa.Column('size_bytes', sa.BigInteger()),
        sa.Column('stored_bytes', sa.BigInteger()),
        sa.Column('files', sa.Integer()),
        sa.Column('outage_seconds', sa.Float()),
        sa.Column('verified_at', MOMENT),
        sa.Column('error', sa.Text()),
        sa.Index('ix_backups_created_at_id', 'created_at', 'id'),
        sa.Index('ix_backups_set_id', 'set_id'),
        sa.Index('ix_backups_target_created_at_id', 'target', 'created_at',
                 'id'),
        sa.Index('ix_backups_node_created_at_id', 'node', 'created_at',
                 'id'),
        **MYSQL)
