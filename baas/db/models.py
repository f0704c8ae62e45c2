# SPDX-License-Identifier: Apache-2.0
"""The tables. What a job or a backup is made of is said here and only here."""
from oslo_db.sqlalchemy import models
import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy import orm


class Base(models.ModelBase, orm.DeclarativeBase):
    """Tables of the service: InnoDB and UTF-8 where that is a choice."""
    __table_args__ = {'mysql_engine': 'InnoDB', 'mysql_charset': 'utf8mb4'}


def Timestamp():
    """Make a column type for a time: UTC, to the microsecond."""
    return sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')


class Job(Base):
    """One piece of work. The job that took a set gives the set its id."""
    __tablename__ = 'jobs'
    __table_args__ = (
        sa.Index('ix_jobs_created_at_id', 'created_at', 'id'),
        sa.Index('ix_jobs_kind_created_at_id', 'kind', 'created_at', 'id'),
        sa.Index('ix_jobs_state_lease_until', 'state', 'lease_until'),
        Base.__table_args__)

    id = sa.Column(sa.String(36), primary_key=True)
    kind = sa.Column(sa.String(16), nullable=False)
    """Name of its plan in baas.jobs.plans."""
    name = sa.Column(sa.String(255))
    state = sa.Column(sa.String(16), nullable=False)
    target = sa.Column(sa.String(16), nullable=False)
    node = sa.Column(sa.String(255))
    """The one node it works on; NULL when it works on all of the target."""
    backup_id = sa.Column(sa.String(36))
    """The backup it restores, verifies or deletes."""
    options = sa.Column(sa.JSON, nullable=False)
    """What the request asked for, e.g. {"stopall": true}."""
    holds = sa.Column(sa.String(64), unique=True)
    """The target while the job is active, NULL after: NULLs are distinct."""
    owner = sa.Column(sa.String(255))
    """The conductor that has claimed it."""
    epoch = sa.Column(sa.Integer, nullable=False, default=0)
    """Rises with every lease; nodes refuse a lower one."""
    lease_until = sa.Column(Timestamp())
    """When the lease ends unless it is renewed, by the database's clock."""
    created_at = sa.Column(Timestamp(), nullable=False)
    started_at = sa.Column(Timestamp())
    finished_at = sa.Column(Timestamp())
    request_id = sa.Column(sa.String(64))
    user_id = sa.Column(sa.String(255))
    error_node = sa.Column(sa.String(255))
    error_step = sa.Column(sa.String(32))
    error_cause = sa.Column(sa.Text)
    error_hint = sa.Column(sa.Text)
    forecast = sa.Column(sa.JSON(none_as_null=True))
    """What its check expects, see :func:`baas.jobs.forecast.build`."""
    plan, result = (sa.Column(sa.JSON(none_as_null=True)) for _ in range(2))
    """What a restore will do, see :func:`baas.jobs.restore_plan.build`, and
    what a verification has found, by node."""


class Step(Base):
    """One step of a job: one playbook run."""
    __tablename__ = 'steps'
    __table_args__ = (
        sa.UniqueConstraint('job_id', 'position', name='uniq_steps_job'),
        Base.__table_args__)

    id = sa.Column(sa.Integer, primary_key=True)
    job_id = sa.Column(sa.String(36), sa.ForeignKey('jobs.id'),
                       nullable=False)
    position = sa.Column(sa.Integer, nullable=False)
    name = sa.Column(sa.String(32), nullable=False)
    state = sa.Column(sa.String(16), nullable=False)
    task = sa.Column(sa.String(255))
    percent = sa.Column(sa.Integer, nullable=False, default=0)
    nodes = sa.Column(sa.JSON, nullable=False)
    """{name of node: {state, task, percent, bytes_done, bytes_total}}."""
    started_at = sa.Column(Timestamp())
    finished_at = sa.Column(Timestamp())


class Event(Base):
    """One line of a job's log."""
    __tablename__ = 'events'
    __table_args__ = (
        sa.Index('ix_events_job_id_id', 'job_id', 'id'),
        Base.__table_args__)

    id = sa.Column(sa.Integer, primary_key=True)
    job_id = sa.Column(sa.String(36), sa.ForeignKey('jobs.id'),
                       nullable=False)
    created_at = sa.Column(Timestamp(), nullable=False)
    level = sa.Column(sa.String(8), nullable=False)
    """info, warning or error."""
    step = sa.Column(sa.String(32))
    node = sa.Column(sa.String(255))
    message = sa.Column(sa.Text, nullable=False)


class Cloud(Base):
    """The cloud that this database is of: one row."""
    __tablename__ = 'clouds'

    number = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    """Always 1, so that there is no second one."""
    id = sa.Column(sa.String(36), nullable=False)
    created_at = sa.Column(Timestamp(), nullable=False)
    instance = sa.Column(sa.String(36))
    """Tells this service from others that have the same key."""
    key_copied = sa.Column(sa.String(16))
    """Fingerprint of the master key that somebody has shown a copy of."""


class Backup(Base):
    """The immutable image of one node at one consistency point."""
    __tablename__ = 'backups'
    __table_args__ = (
        sa.Index('ix_backups_created_at_id', 'created_at', 'id'),
        sa.Index('ix_backups_set_id', 'set_id'),
        sa.Index('ix_backups_target_created_at_id',
                 'target', 'created_at', 'id'),
        sa.Index('ix_backups_node_created_at_id', 'node', 'created_at', 'id'),
        Base.__table_args__)

    id = sa.Column(sa.String(36), primary_key=True)
    set_id = sa.Column(sa.String(36), nullable=False)
    """The backups of one consistency point, and the job that took them."""
    name = sa.Column(sa.String(255), nullable=False)
    target = sa.Column(sa.String(16), nullable=False)
    node = sa.Column(sa.String(255), nullable=False)
    status = sa.Column(sa.String(16), nullable=False)
    stopall = sa.Column(sa.Boolean, nullable=False)
    created_at = sa.Column(Timestamp(), nullable=False)
    cloud_id = sa.Column(sa.String(36))
    """The cloud that it is of."""
    location_url = sa.Column(sa.String(1024), nullable=False)
    """Where the node's data is, without any secret."""
    payload = sa.Column(sa.String(16), nullable=False)
    """restic or tar: the kind of payload."""
    snapshot = sa.Column(sa.String(64))
    """Id of the payload inside the repository; NULL when it is in none."""
    manifest_sha256 = sa.Column(sa.String(64))
    size_bytes = sa.Column(sa.BigInteger)
    """Size of all files as the node sees them."""
    stored_bytes = sa.Column(sa.BigInteger)
    """What this backup added to the storage."""
    files = sa.Column(sa.Integer)
    outage_seconds = sa.Column(sa.Float)
    """How long services were quiesced on this node; 0.0 when none was."""
    quiesce_mode = sa.Column(sa.String(8))
    """How they were quiesced, stop or freeze; NULL when none was to."""
    service_outages = sa.Column(sa.JSON(none_as_null=True))
    """The same for each service: {name: seconds}."""
    client_outage_seconds = sa.Column(sa.Float)
    """Longest time without an answer that a client saw, of the whole set."""
    verified_at = sa.Column(Timestamp())
    error = sa.Column(sa.Text)
    set_size = sa.Column(sa.Integer)
    """How many backups its set was taken with: fewer are not whole."""
    added_bytes = sa.Column(sa.BigInteger)
    protected = sa.Column(sa.Boolean, nullable=False, default=False)
    expires_at = sa.Column(Timestamp())
    labels = sa.Column(sa.JSON(none_as_null=True))
    missing_nodes = sa.Column(sa.JSON(none_as_null=True))
    """Nodes of the target that its set was taken without (names); NULL: it
    was to be of all."""
    suspicions, damages = (sa.Column(sa.JSON(none_as_null=True)) for _ in '12')
    """What is odd about it (sentences), or damaged; NULL when nothing is."""
    trusted_at = sa.Column(Timestamp())
    purge_at = sa.Column(Timestamp(), index=True)
    trashed_status = sa.Column(sa.String(16))
    """Its status of before, as long as nothing of it is removed."""


class BootUndo(Base):
    """What the boot of a rescue system changes outside of the node, written
    down before it is changed, and pending until it is undone."""
    __tablename__ = 'boot_undos'
    __table_args__ = (
        sa.UniqueConstraint('job_id', 'node', name='uniq_boot_undos_job_node'),
        sa.Index('ix_boot_undos_undone_at', 'undone_at'),
        Base.__table_args__)

    id = sa.Column(sa.Integer, primary_key=True)
    job_id = sa.Column(sa.String(36), sa.ForeignKey('jobs.id'),
                       nullable=False)
    """The restore that made it."""
    node = sa.Column(sa.String(255), nullable=False)
    method = sa.Column(sa.String(32), nullable=False)
    """The boot method, which alone understands the undo."""
    undo = sa.Column(sa.JSON, nullable=False)
    """What was before, and what is to be removed; no secret."""
    created_at = sa.Column(Timestamp(), nullable=False)
    tried_at = sa.Column(Timestamp())
    """When somebody last tried to put all back and could not."""
    undone_at = sa.Column(Timestamp())
    """When all was put back; NULL while it is pending."""
    error = sa.Column(sa.Text)
    """Why the last try failed."""


class Conductor(Base):
    """The one process that may act under the name of a conductor."""
    __tablename__ = 'conductors'

    host = sa.Column(sa.String(255), primary_key=True)
    """[conductor] host, the name."""
    instance = sa.Column(sa.String(36), nullable=False)
    """Made anew at each start of the process."""
    state = sa.Column(sa.String(36), nullable=False)
    """Id of the state folder whose lock it holds."""
    machine = sa.Column(sa.String(255), nullable=False)
    """Host name of the machine or container that it runs on."""
    pid = sa.Column(sa.Integer, nullable=False)
    started_at = sa.Column(Timestamp(), nullable=False)
    seen_at = sa.Column(Timestamp(), nullable=False)
    """Its last heartbeat, by the database's clock."""
