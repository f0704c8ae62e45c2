# SPDX-License-Identifier: Apache-2.0
"""Brings the schema of the database to what the models say."""
import pathlib

from alembic import command
from alembic import config
from alembic import script
from oslo_config import cfg
import sqlalchemy as sa
from sqlalchemy import exc as sa_exc

from baas.db import session
from baas.db.verification import tables

TABLES = (tables.StoredObject, tables.VerificationDay)
"""Tables that :mod:`baas.db.models` does not have itself: whoever asks for all
of them loads these, too."""


def upgrade(revision='head'):
    """Bring the schema to a revision; data are kept.

    :param revision: a revision of ``baas/db/migrations/versions``.
    :raises DatabaseError: the schema is of a later release.
    """
    require_known(version())
    command.upgrade(_config(), revision)


def version():
    """Give the revision of the schema, or None before the first upgrade."""
    return _revision(session.engine())


def newest():
    """Give the revision that this release needs."""
    return script.ScriptDirectory.from_config(_config()).get_current_head()


def is_behind():
    """Tell whether the schema is one of before this release.

    :raises DatabaseError: it is of a later release.
    """
    here = version()
    require_known(here)
    return here != newest()


def require_known(here):
    """Refuse the schema of a later release: it may have other names for what
    this one asks for.

    :param here: its revision, as :func:`version` gives it.
    :raises DatabaseError: this release does not know it.
    """
    scripts = script.ScriptDirectory.from_config(_config())
    if here is not None and here not in {
            one.revision for one in scripts.walk_revisions()}:
        raise session.DatabaseError(
            reason=f'The database has schema {here} of a later release, and '
                   'this release knows none after '
                   f'{scripts.get_current_head()}',
            remedy='Install the release that has brought the schema up, or '
                   'put back the copy of the database from before')


def refuse_newer(conf=cfg.CONF):
    """Refuse the schema of a later release before anything is made. A
    database that does not answer at once is left to who needs it.

    :raises DatabaseError: the schema is of a later release.
    """
    if is_absent(conf):
        return
    url = sa.engine.make_url(conf.database.connection)
    try:
        here = _revision(sa.create_engine(url, poolclass=sa.NullPool))
    except sa_exc.DBAPIError as error:
        session.demand_whole(error)
        return
    require_known(here)


def is_absent(conf=cfg.CONF):
    """Tell whether the database is a file that is not there: to ask it would
    make it."""
    url = sa.engine.make_url(conf.database.connection)
    return url.get_backend_name() == 'sqlite' and not pathlib.Path(
        url.database or '').is_file()


def _revision(engine):
    # Not by alembic, which says on the log that it looks.
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table('alembic_version'):
            return None
        return connection.execute(
            sa.text('SELECT version_num FROM alembic_version')).scalar()


def _config():
    made = config.Config()
    made.set_main_option(
        'script_location',
        str(pathlib.Path(__file__).parent / 'migrations').replace('%', '%%'))
    return made
