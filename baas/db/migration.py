# SPDX-License-Identifier: Apache-2.0
"""Brings the schema of the database to what the models say."""
import pathlib

from alembic import command
from alembic import config
from alembic.runtime import migration
from alembic import script

from baas.db import session


def upgrade(revision='head'):
    """Bring the schema to a revision; data are kept.

    :param revision: a revision of ``baas/db/migrations/versions``.
    """
    command.upgrade(_config(), revision)


def version():
    """Give the revision of the schema, or None before the first upgrade."""
    with session.engine().connect() as connection:
        return migration.MigrationContext.configure(
            connection).get_current_revision()


def newest():
    """Give the revision that this release needs."""
    return script.ScriptDirectory.from_config(_config()).get_current_head()


def is_behind():
    """Tell whether the schema is one of before this release. That of a later
    one has all that this one needs."""
    here, scripts = version(), script.ScriptDirectory.from_config(_config())
    return here != scripts.get_current_head() and (
        here is None or here in {one.revision
                                 for one in scripts.walk_revisions()})


def _config():
    made = config.Config()
    made.set_main_option(
        'script_location',
        str(pathlib.Path(__file__).parent / 'migrations').replace('%', '%%'))
    return made
