# SPDX-License-Identifier: Apache-2.0
"""The way to the database: a reader, a writer, and the database's clock."""
import contextlib
import pathlib

from oslo_config import cfg
from oslo_db import exception as db_exception
from oslo_db.sqlalchemy import enginefacade
import sqlalchemy as sa
from sqlalchemy import exc as sa_exc
from sqlalchemy.ext import compiler
from sqlalchemy.sql import expression

from baas import errors

_facade = enginefacade.transaction_context()
_TURN = 30
"""Seconds that a transaction on SQLite waits until others have ended."""


def configure(conf=cfg.CONF):
    """Read section [database]; without a connection, use a SQLite file.

    :raises TypeError: a transaction has already been begun.
    """
    if not conf.database.connection:
        path = pathlib.Path(conf.state_path) / 'baas.sqlite'
        conf.set_default('connection', f'sqlite:///{path}', group='database')
    # The sleep of thread_checkin is for greenthreads; threads only lose time.
    _facade.configure(connection=conf.database.connection,
                      thread_checkin=False, **_patience(conf))


def _patience(conf):
    """Have SQLite wait for its turn longer than the 5 seconds of Python:
    others may be at work on a slow disk."""
    url = conf.database.connection
    if not url.startswith('sqlite') or 'timeout=' in url:
        return {}
    return {'connection_parameters': f'timeout={_TURN}'}


class DatabaseError(errors.ConfigurationError):
    """The database cannot be used: 503."""
    code = 503
    faultcode = 'baas.database.unusable'
    title = 'Database unusable'


def demand_url(conf=cfg.CONF):
    """Make sure that [database] connection is one that can be used here. The
    database is not asked, and no part of the URL is repeated.

    :raises DatabaseError: it is not.
    """
    try:
        url = sa.engine.make_url(conf.database.connection)
        url.get_dialect().import_dbapi()
        if url.get_backend_name() == 'sqlite' and not (
                url.database or '').startswith('/'):
            raise ValueError('it would be another file elsewhere')
    except (sa_exc.ArgumentError, ImportError, ValueError) as error:
        why = (f': {error}' if isinstance(
            error, (ImportError, sa_exc.NoSuchModuleError)) else '')
        raise DatabaseError(
            reason=f'[database] connection is no URL of a database that can '
                   f'be used here{why}',
            remedy='Write it like mysql+pymysql://USER:PASSWORD@HOST/baas'
                   '?charset=utf8mb4, or leave it out for a SQLite file in '
                   '[DEFAULT] state_path')


@contextlib.contextmanager
def explained():
    """Let the absence of the database leave as :class:`DatabaseError`."""
    try:
        yield
    except db_exception.DBNonExistentTable as error:
        raise DatabaseError(
            reason='The database does not have the tables of this version',
            remedy='Run "baas-manage db sync"') from error
    except Exception as error:
        demand_whole(error)
        if not is_away(error):
            raise
        while getattr(error, 'inner_exception', None) is not None:
            error = error.inner_exception
        error = getattr(error, 'orig', None) or error
        said = str(error).splitlines()[0].rstrip('.')
        remedy = ('Look whether it runs, and whether [database] connection '
                  'leads to it')
        if said == 'database is locked':  # SQLite alone says that
            remedy = ('Find the process that has held the file for longer '
                      'than anybody waits, with "fuser -v" and the path of '
                      '[database] connection, and let it end')
        raise DatabaseError(reason=f'The database cannot be used: {said}',
                            remedy=remedy) from error


def demand_whole(error):
    """Say in words that a file is there which SQLite cannot read.

    :raises DatabaseError: that is what the error says.
    """
    if any(words in str(error) for words in (
            'file is not a database', 'disk image is malformed')):
        raise DatabaseError(
            reason='The file of the database is no database that SQLite can '
                   'read',
            remedy='Put the copy of it back; without one, move it away and '
                   'see in the documentation how what is stored is found '
                   'again') from error


def reader():
    """Begin a transaction that only reads; a context manager."""
    return _connection(_facade.reader)


@contextlib.contextmanager
def writer():
    """Begin a transaction that may write; a context manager."""
    with _connection(_facade.writer) as connection:
        if connection.dialect.name == 'sqlite':
            # Two that have read, and then want to write, would each wait for
            # the other: SQLite refuses one at once. Who may write waits in
            # front of the first question, of which there was none yet.
            connection.exec_driver_sql('ROLLBACK')
            connection.exec_driver_sql('BEGIN IMMEDIATE')
        yield connection


def engine():
    """Give the engine, for migrations."""
    return _facade.writer.get_engine()


def is_away(error):
    """Tell whether an error means that the database cannot be asked now."""
    if isinstance(error, (db_exception.DBConnectionError,
                          db_exception.DBNonExistentTable,
                          db_exception.DBNonExistentDatabase,
                          db_exception.DBDeadlock,
                          sa_exc.TimeoutError, sa_exc.OperationalError)):
        return True
    return (isinstance(error, db_exception.DBError)
            and isinstance(error.inner_exception, sa_exc.OperationalError))


@contextlib.contextmanager
def _connection(mode):
    # oslo.db wants an object to hang the transaction on; ours has no further
    # use, since a question or change of ours is one transaction.
    with mode.connection.using(_Request()) as connection:
        yield connection


@enginefacade.transaction_context_provider
class _Request:
    pass


class utcnow(expression.FunctionElement):
    """The time by the clock of the database, in UTC, to the microsecond.

    Hosts may differ; leases compare only times of this one clock.

    :param seconds: how far after now (int, may be negative).
    """
    type = sa.DateTime()
    inherit_cache = False

    def __init__(self, seconds=0):
        super().__init__()
        self.seconds = int(seconds)


@compiler.compiles(utcnow, 'sqlite')
def _sqlite(element, compiler, **_kwargs):
    # Six digits as SQLAlchemy writes them, or strings would not compare.
    return (f"strftime('%Y-%m-%d %H:%M:%f000', 'now', "
            f"'{element.seconds:+d} seconds')")


@compiler.compiles(utcnow, 'mysql')
@compiler.compiles(utcnow, 'mariadb')
def _mysql(element, compiler, **_kwargs):
    return f'(UTC_TIMESTAMP(6) + INTERVAL {element.seconds:d} SECOND)'


@compiler.compiles(utcnow, 'postgresql')
def _postgresql(element, compiler, **_kwargs):
    return (f"(timezone('utc', clock_timestamp()) + "
            f"interval '{element.seconds:d} seconds')")


def now(connection):
    """Ask the database for the time.

    :returns: naive datetime, UTC.
    """
    return connection.execute(sa.select(utcnow())).scalar()
