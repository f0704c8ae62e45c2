# SPDX-License-Identifier: Apache-2.0
"""Which cloud this service is of: the master key says it, and the database
keeps it for those that have no key."""
import contextlib
import uuid

from oslo_db import exception as db_exception
import sqlalchemy as sa

from baas.db import models
from baas.db import session
from baas import keys

CLOUDS = models.Cloud.__table__


def own(conf):
    """Give the id of the cloud (str); None where neither the database nor a
    key says it, and so nothing can be stored.

    :param conf: an oslo.config ConfigOpts.
    """
    found = _written()
    if found is None:
        with contextlib.suppress(keys.KeyFileError):
            found = _settle(keys.load(conf.payload.key_file).cloud)
    return found


def key(conf, settle=True):
    """Give the master key of this cloud (:class:`baas.keys.MasterKey`).

    :param settle: False to write nothing: which cloud it is may still be
        open afterwards.
    :raises KeyFileError: there is none, it cannot be used, or it is that of
        another cloud than the database is of.
    """
    path = conf.payload.key_file
    found = keys.load(path)
    written = _settle(found.cloud) if settle else _written()
    if written not in (None, found.cloud):
        raise keys.KeyFileError(
            reason=f'The key file {path} is that of cloud {found.cloud}, and '
                   f'the database is that of cloud {written}',
            remedy='Put the copy of the key of this cloud there; to begin '
                   'anew with another key, begin with an empty database, too')
    return found


def instance(cloud):
    """Give the id of this service (str), which is made once: a service with
    the same key and another database has another.

    :param cloud: id of the cloud that it is of.
    """
    _settle(cloud)
    with session.writer() as connection:
        connection.execute(
            sa.update(CLOUDS).where(CLOUDS.c.instance.is_(None))
            .values(instance=str(uuid.uuid4())))
        return connection.execute(sa.select(CLOUDS.c.instance)).scalar()


def known_instance():
    """Give the id of this service (str); None where none was made yet."""
    with session.reader() as connection:
        return connection.execute(sa.select(CLOUDS.c.instance)).scalar()


def become_another():
    """Give this service an id of its own, where its database is a copy of
    that of another one."""
    with session.writer() as connection:
        connection.execute(sa.update(CLOUDS).values(
            instance=str(uuid.uuid4())))


def confirm_copy(key):
    """Write down that somebody has shown a copy of the master key.

    :param key: :class:`baas.keys.MasterKey` of this cloud.
    """
    _settle(key.cloud)
    with session.writer() as connection:
        connection.execute(sa.update(CLOUDS).values(
            key_copied=key.fingerprint))


def is_copied(key):
    """Tell whether somebody has shown a copy of a master key (bool)."""
    with session.reader() as connection:
        return connection.execute(sa.select(
            CLOUDS.c.key_copied)).scalar() == key.fingerprint


def _written():
    with session.reader() as connection:
        return connection.execute(sa.select(CLOUDS.c.id)).scalar()


def _settle(id):
    """Write down which cloud this is, once and for all; give which it is."""
    found = _written()
    if found is None:
        try:
            with session.writer() as connection:
                connection.execute(sa.insert(CLOUDS).values(
                    number=1, id=id, created_at=session.utcnow()))
        except db_exception.DBDuplicateEntry:
            pass  # somebody was faster
        found = _written()
    return found
