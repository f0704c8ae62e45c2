# SPDX-License-Identifier: Apache-2.0
"""A share of an NFS server, mounted while it is needed and no longer."""
import errno
import pathlib
import urllib.parse

from oslo_utils import netutils

from baas import errors
from baas.storage import base
from baas.storage.drivers import file
from baas.storage.drivers import mounts

_GONE = (errno.EIO, errno.ETIMEDOUT, errno.ESTALE, errno.EHOSTDOWN,
         errno.EHOSTUNREACH, errno.ENOTCONN, errno.ECONNREFUSED)
_REFUSED = 'No such file', 'access denied by server'
_SAFE = 'nosuid,nodev,noexec'


class NfsStorage(file.FileStorage):
    """A folder on a server: as :class:`baas.storage.drivers.file.FileStorage`,
    below a mount point of this process."""

    def __init__(self, conf, cloud=None):
        self._options, self._cloud = conf.storage_nfs, cloud
        options = self._options
        for name in ('host', 'export'):
            if not options[name]:
                raise errors.ConfigurationError(
                    reason=f'[storage_nfs] {name} is not set',
                    remedy='Set it, or choose another [storage] driver')
        if not options.export.startswith('/'):
            raise errors.ConfigurationError(
                reason='[storage_nfs] export is no absolute path',
                remedy='Set it to the path that the server exports')
        self._mount = mounts.Mount(
            ['-t', 'nfs', '-o', f'{options.options},{_SAFE}', '--',
             f'{self._host}:{options.export}'],
            pathlib.Path(conf.state_path) / 'shares')

    @property
    def location(self):
        """URL of the share."""
        folder = '/'.join(filter(None, (self._options.export, self._cloud)))
        return f'nfs://{self._host}{urllib.parse.quote(folder)}'

    def node_repository(self, node):
        """Give the path of the repository on a node."""
        return f'{self._mounted}/{base.checked(self, node)}/restic'

    def share(self):
        """Give the share."""
        return {'host': self._host, 'export': self._options.export,
                'options': self._options.options}

    def store(self):
        """Give the folder at which a node has mounted the share."""
        return {'kind': 'folder', 'path': self._mounted}

    def node_facts(self):
        """Give path and host."""
        return {'kind': 'nfs', 'path': self._options.export,
                'host': self._options.host}

    def close(self):
        """Unmount the share."""
        self._mount.leave()

    def explain(self, error, name=None):
        """Tell a server that is gone from what it refused."""
        if getattr(error, 'errno', None) not in _GONE:
            return super().explain(error, name)
        return base.StorageError(
            storage=self.location,
            reason=f'{name or "The share"} failed: the server does not '
                   f'answer ({error.strerror})',
            remedy='Look whether the server is up, and try again')

    @property
    def _host(self):
        return netutils.escape_ipv6(self._options.host)

    @property
    def _mounted(self):
        return '/'.join(filter(None, ('{share}', self._cloud)))

    @property
    def _top(self):
        try:
            return self._mount.reach()
        except mounts.MountError as error:
            if any(words in str(error) for words in _REFUSED):
                raise base.StorageError(
                    storage=self.location,
                    reason='The share does not exist on the server, or is '
                           'not exported to this machine',
                    remedy='Export it to the conductor and the nodes, or '
                           'correct [storage_nfs] export')
            raise base.StorageError(
                storage=self.location,
                reason=f'The share cannot be mounted: {error}',
                remedy='Look whether the server is up and exports it to '
                       'this machine, whether nfs-common (nfs-utils) is '
                       'installed here, and whether the service runs as root')
