# SPDX-License-Identifier: Apache-2.0
"""Where a node writes whole objects to: one file a kind."""
from baas.node import errors
from baas.node.stores import folder
from baas.node.stores import nfs
from baas.node.stores import sftp


def of(request):
    """Give the :class:`baas.node.stores.base.Store` of a request.

    Option: store ({'kind', ...}).

    :raises errors.NodeError: it cannot be reached.
    """
    told = request.option('store')
    if told['kind'] == 'folder':
        return folder.Folder(nfs.filled(request.job, told['path']))
    if told['kind'] == 'sftp':
        return sftp.Sftp(told, [nfs.filled(request.job, word)
                                for word in told['ssh']])
    raise errors.NodeError(
        'A storage of kind %s is not known here.' % told['kind'],
        'Use the node program of the release of the service.')
