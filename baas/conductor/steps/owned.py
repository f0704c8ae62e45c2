# SPDX-License-Identifier: Apache-2.0
"""That the storage is this service's to write to and delete from."""
import datetime
import socket

from baas.db import clouds
from baas.storage import owner


def look(handler):
    """Make sure that the storage is of no other service; nothing is written.

    :param handler: the :class:`baas.conductor.handler.Handler` of a job.
    :raises StorageError: it is, or that is not known.
    :raises KeyFileError: there is no key.
    """
    owner.look(handler.storage, handler.keys,
               clouds.instance(handler.keys.cloud))


def claim(handler):
    """Make sure that the storage is this service's, from now on if nobody has
    written to it yet.

    :raises StorageError: it is another's, or that is not known.
    :raises KeyFileError: there is no key.
    """
    owner.claim(handler.storage, handler.keys, this_service(handler.keys))


def this_service(key):
    """Give the :class:`baas.storage.owner.Owner` that this service is, from
    now on.

    :param key: its :class:`baas.keys.MasterKey`.
    """
    now = datetime.datetime.now(datetime.timezone.utc)
    return owner.Owner(key.cloud, clouds.instance(key.cloud),
                       socket.gethostname(),
                       now.strftime('%Y-%m-%dT%H:%M:%SZ'))
