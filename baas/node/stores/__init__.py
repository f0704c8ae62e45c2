# SPDX-License-Identifier: Apache-2.0
"""Where a node writes whole objects to: one file a kind."""
import functools

from baas.node import errors
from baas.node.stores import folder
from baas.node.stores import nfs
from baas.node.stores import sftp

KINDS = {'folder': folder.Folder, 'sftp': sftp.Sftp}
"""By what a driver of the service calls them, see ``store`` of
``baas.storage.base.Storage``."""


def of(request):
    """Give the :class:`baas.node.stores.base.Store` of a request.

    Option: store ({'kind', ...}).

    :raises errors.NodeError: it cannot be reached.
    """
    told = request.option('store')
    if told['kind'] not in KINDS:
        raise errors.NodeError(
            'A storage of kind %s is not known here.' % told['kind'],
            'Use the node program of the release of the service.')
    return KINDS[told['kind']](
        told, functools.partial(nfs.filled, request.job))
