# SPDX-License-Identifier: Apache-2.0
"""Objects as files below a folder."""
import contextlib
import errno
import os

from baas.node import errors
from baas.node.stores import base
from baas.node.system import atomic_file

_HINTS = {
    errno.ENOSPC: 'Make room there: delete backups or enlarge the storage.',
    errno.EOPNOTSUPP: 'Keep backups on a file system that has hard links.',
    errno.ENOENT: 'See that the storage is mounted and whole.'}
_HINT = 'See that the storage can be reached and that root may write there.'


class Folder(base.Store):
    """A folder that is there already, {'path'}; see :class:`base.Store`."""

    def __init__(self, told, filled):
        self._root = root = filled(told['path'])
        # Below a mount point without its mount all would go to the disk
        # that is to be backed up.
        if not os.path.isdir(root):
            raise errors.NodeError(
                'The storage folder %s does not exist on this node.' % root,
                'Mount the storage there, or correct its path.')

    def write(self, name, partial):
        """See :class:`base.Store`."""
        path = self._path(name)
        with _explained(name):
            self._make(os.path.dirname(path))
        return _Sink(name, path, self._path(base.beside(name, partial)),
                     self._root)

    def open(self, name):
        """See :class:`base.Store`."""
        with _explained(name):
            return _Source(name, self._path(name))

    def exists(self, name):
        """See :class:`base.Store`."""
        return os.path.isfile(self._path(name))

    def remove(self, name):
        """See :class:`base.Store`."""
        path = self._path(name)
        with _explained(name), contextlib.suppress(FileNotFoundError):
            os.unlink(path)
            atomic_file.sync_folder(os.path.dirname(path))

    def _path(self, name):
        return os.path.join(self._root, name)

    def _make(self, folder):
        # Not by makedirs, which would make the root as well.
        if folder != self._root and not os.path.isdir(folder):
            self._make(os.path.dirname(folder))
            with contextlib.suppress(FileExistsError):
                os.mkdir(folder, 0o700)
            atomic_file.sync_folder(os.path.dirname(folder))


class _Sink(base.Sink):
    def __init__(self, name, path, partial, root):
        self._name, self._path, self._partial = name, path, partial
        with _explained(name):
            if os.path.lexists(path):
                raise base.stored_already(name)
            # Who died while he published has left another name of an
            # object: it is taken away, and nothing is written through it.
            with contextlib.suppress(FileNotFoundError):
                os.unlink(partial)
            self._file = open(os.open(
                partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'wb')

    def write(self, data):
        """See :class:`base.Sink`."""
        with _explained(self._name):
            self._file.write(data)

    def publish(self):
        """See :class:`base.Sink`."""
        with _explained(self._name):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            try:
                atomic_file.publish(self._partial, self._path)
            except FileExistsError:
                raise base.stored_already(self._name)
            atomic_file.sync_folder(os.path.dirname(self._path))
        self.published = True

    def discard(self):
        """See :class:`base.Sink`."""
        with contextlib.suppress(OSError):
            self._file.close()
        with _explained(self._name), contextlib.suppress(FileNotFoundError):
            os.unlink(self._partial)


class _Source:
    def __init__(self, name, path):
        self._name = name
        self._file = open(path, 'rb')

    def read(self, size):
        """Give up to so many bytes; none at the end."""
        with _explained(self._name):
            return self._file.read(size)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._file.close()


@contextlib.contextmanager
def _explained(name):
    try:
        yield
    except OSError as error:
        raise errors.NodeError(
            '%s cannot be stored or read: %s.' % (name, error.strerror),
            _HINTS.get(error.errno, _HINT))
