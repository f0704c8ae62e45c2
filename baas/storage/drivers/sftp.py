# SPDX-License-Identifier: Apache-2.0
"""A folder on a host that is reached over SSH."""
import contextlib
import errno
import posixpath
import stat
import threading
import urllib.parse

from oslo_utils import netutils
import paramiko

from baas import errors
from baas.storage import base
from baas.storage.drivers import object_reader
from baas.storage.drivers import openssh_ext
from baas.storage.drivers import ssh

_LONG = 60  # seconds of silence in a transfer
_AHEAD = 32  # requests that are under way at once, of 255 KiB mostly


class SftpStorage(base.Storage):
    """A folder on a storage host, reached with one pinned key each way."""
    failures = (OSError, EOFError, paramiko.SSHException)

    def __init__(self, conf, cloud=None):
        self._options = options = conf.storage_sftp
        for name in ('host', 'user', 'path', 'private_key', 'known_hosts'):
            if not options[name]:
                raise errors.ConfigurationError(
                    reason=f'[storage_sftp] {name} is not set',
                    remedy='Set it, or choose another [storage] driver')
        if not options.path.startswith('/'):
            raise errors.ConfigurationError(
                reason='[storage_sftp] path is no absolute path',
                remedy='Set it to the folder on the storage host')
        self._top = posixpath.normpath('/' + options.path.lstrip('/'))
        self._root = posixpath.join(self._top, cloud) if cloud else self._top
        # Answers to several threads on one channel would be mixed up.
        self._own = threading.local()
        self._opening = threading.Lock()
        self._clients = []

    @property
    def location(self):
        """URL of the folder."""
        return f'{self._server}{urllib.parse.quote(self._root)}'

    def repository(self, node):
        """Give the URL of the repository; a double slash begins its path."""
        path = urllib.parse.quote(self._path(f'{node}/restic'))
        return f'{self._server}/{path}'

    def restic_args(self, run):
        """Give arguments for the ssh that restic starts."""
        return ['-o', f'sftp.args={" ".join(ssh.words(run))}']

    def store(self):
        """Give what leads OpenSSH's client to the folder."""
        return {'kind': 'sftp', 'host': self._options.host,
                'port': self._options.port, 'user': self._options.user,
                'path': self._root, 'ssh': ssh.words('{run}')}

    def credentials(self):
        """Give the key that is let in and the pinned host key."""
        return {ssh.KEY: self._options.private_key,
                ssh.KNOWN_HOSTS: self._options.known_hosts}

    def node_facts(self):
        """Give path and host."""
        return {'kind': 'sftp', 'path': self._top,
                'host': self._options.host}

    def check(self):
        """Write and remove a file on the storage host."""
        self.demand_writable()
        with self.explained():
            sftp = self._there()
            self._make_folder(sftp, self._root)
            probe = base.hidden(f'{self._root}/check')
            try:
                self._put(sftp, probe, b'check')
            finally:
                with contextlib.suppress(*self.failures):
                    sftp.remove(probe)

    def free(self):
        """Ask the server, if it has OpenSSH's extension for that."""
        with self.explained():
            return openssh_ext.free(self._there(), self._top)

    def nodes(self):
        """List the folders of the root."""
        with self.explained():
            self._there()
            return sorted(entry.filename for entry in self._inside('')
                          if stat.S_ISDIR(entry.st_mode))

    def list(self, prefix):
        """List files below a folder."""
        with self.explained(prefix):
            # Without its root, an empty list would say "no backups".
            self._there()
        folders = [base.checked(self, prefix) if prefix else '']
        while folders:
            folder = folders.pop()
            with self.explained(prefix):
                inside = self._inside(folder)
            for entry in inside:
                name = posixpath.join(folder, entry.filename)
                if stat.S_ISDIR(entry.st_mode):
                    folders.append(name)
                elif stat.S_ISREG(entry.st_mode):
                    yield base.Entry(name, entry.st_size)

    def open(self, name):
        """Open the file and ask for its parts ahead."""
        path = self._path(name)
        with self.explained(name):
            file = self._there().open(path, 'rb')
            # An answer costs about as much whatever its length.
            file.MAX_REQUEST_SIZE = self._own.longest_read
            file.prefetch(file.stat().st_size, _AHEAD)
        return object_reader.Reader(self, name, file)

    def write(self, name, data):
        """Write a hidden file and give it its name."""
        self.demand_writable()
        path = self._path(name)
        temporary = base.hidden(path)
        with self.explained(name):
            sftp = self._there()
            self._make_folder(sftp, posixpath.dirname(path))
            try:
                self._put(sftp, temporary, data)
                self._publish(sftp, temporary, path)
            finally:
                with contextlib.suppress(*self.failures):
                    sftp.remove(temporary)

    def delete(self, name):
        """Delete the file."""
        self.demand_writable()
        path = self._path(name)
        with self.explained(name), contextlib.suppress(FileNotFoundError):
            self._there().remove(path)

    def drop(self, name):
        """Delete the folder."""
        self.demand_writable()
        path = self._path(name)
        with self.explained(name), contextlib.suppress(FileNotFoundError):
            self._drop(self._there(), path)

    def _drop(self, sftp, path):
        for entry in sftp.listdir_attr(path):
            inner = posixpath.join(path, entry.filename)
            if stat.S_ISDIR(entry.st_mode):
                self._drop(sftp, inner)
            else:
                sftp.remove(inner)
        sftp.rmdir(path)

    def close(self):
        """Close the connections with the channels of all threads."""
        with self._opening:
            while self._clients:
                self._clients.pop().close()

    def explain(self, error, name=None):
        """Tell a lost connection from what the server refused."""
        if not self._lost(error):
            return super().explain(error, name)
        return base.StorageError(
            storage=self.location,
            reason=f'{name or "The folder"} failed: the connection was lost',
            remedy='Look whether the storage host is up, and try again')

    @property
    def _server(self):
        host = netutils.escape_ipv6(self._options.host)
        user = urllib.parse.quote(self._options.user)
        return f'sftp://{user}@{host}:{self._options.port}'

    def _path(self, name):
        return posixpath.join(self._root, base.checked(self, name))

    def _connection(self):
        sftp = getattr(self._own, 'sftp', None)
        if sftp is None or sftp.get_channel().closed:
            sftp = self._channel()
            sftp.get_channel().settimeout(_LONG)
            self._own.longest_read = openssh_ext.longest_read(sftp)
            self._own.sftp = sftp
        return sftp

    def _channel(self):
        """Open a channel for this thread, on the connection of the others:
        servers drop who connects while many others do."""
        with self._opening:
            for client in self._clients[-1:]:
                # It is gone, or has as many as the server lets it have.
                with contextlib.suppress(*self.failures):
                    return client.open_sftp()
            self._clients.append(ssh.connect(self._options, self.location))
            return self._clients[-1].open_sftp()

    def _lost(self, error):
        sftp = getattr(self._own, 'sftp', None)
        return (sftp is None or sftp.get_channel().closed
                or not isinstance(error, OSError)
                or isinstance(error, (TimeoutError, ConnectionError)))

    def _there(self):
        sftp = self._connection()
        try:
            sftp.stat(self._top)
        except FileNotFoundError:
            # Not the object is missing but all of the storage.
            raise super().explain(FileNotFoundError(errno.ENOENT, ''))
        return sftp

    def _inside(self, folder):
        path = posixpath.join(self._root, folder)
        with contextlib.suppress(FileNotFoundError):
            return [entry for entry in self._connection().listdir_attr(path)
                    if entry.filename[0] != '.']
        return []

    def _make_folder(self, sftp, path):
        if path == self._top:
            return
        try:
            sftp.stat(path)
        except FileNotFoundError:
            self._make_folder(sftp, posixpath.dirname(path))
            # Another writer may be faster; without a folder, writing fails.
            with contextlib.suppress(OSError):
                sftp.mkdir(path, 0o700)

    def _put(self, sftp, path, data):
        try:
            with sftp.open(path, 'wx') as file:
                file.write(data)
                openssh_ext.sync(sftp, file)
        except OSError as error:
            # The protocol knows no word for it.
            free = self.free() if error.errno is None else None
            if free is not None and free <= len(data):
                raise OSError(errno.ENOSPC, 'No space left') from error
            raise

    def _publish(self, sftp, temporary, path):
        # OpenSSH's plain rename links, so that it never overwrites; the
        # look before is for servers that do.
        with contextlib.suppress(FileNotFoundError):
            sftp.stat(path)
            raise FileExistsError(errno.EEXIST, 'exists')
        try:
            sftp.rename(temporary, path)
        except OSError as error:  # pragma: no cover - two write at once
            if error.errno is None and sftp.stat(path):
                raise FileExistsError(errno.EEXIST, 'exists') from error
            raise
