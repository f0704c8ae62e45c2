# SPDX-License-Identifier: Apache-2.0
"""A folder, mostly a share that conductor and nodes have mounted."""
import contextlib
import os
import pathlib
import shutil
import urllib.parse

from baas import errors
from baas.node.system import atomic_file
from baas.storage import base
from baas.storage.drivers import object_reader


class FileStorage(base.Storage):
    """A folder at the same path on the conductor and on every node."""

    def __init__(self, conf, cloud=None):
        path = conf.storage_file.path
        if not path or not os.path.isabs(path):
            raise errors.ConfigurationError(
                reason='[storage_file] path is no absolute path',
                remedy='Set it to the folder that the backups go to')
        self._top, self._cloud = pathlib.Path(os.path.normpath(path)), cloud

    @property
    def location(self):
        """URL of the folder."""
        return f'file://{urllib.parse.quote(str(self._root))}'

    def repository(self, node):
        """Give the path of the repository."""
        return str(self._path(node) / 'restic')

    def store(self):
        """Give the folder."""
        return {'kind': 'folder', 'path': str(self._root)}

    def restic_args(self, run):
        """Give nothing: a path is all that restic needs."""
        return []

    def credentials(self):
        """Give nothing: there is nobody to prove anything to."""
        return {}

    def node_facts(self):
        """Give the path."""
        return {'kind': 'file', 'path': str(self._top), 'host': None}

    def check(self):
        """Write and remove a file, in the way of objects."""
        self.demand_writable()
        with self.explained():
            self._there()
            self._root.mkdir(0o700, exist_ok=True)
            probes = [base.hidden(f'{self._root}/check') for _ in range(2)]
            try:
                self._put(probes[0], b'check')
                atomic_file.publish(*probes)
            finally:
                for probe in probes:
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(probe)

    def free(self):
        """Give what the file system leaves to an ordinary user."""
        with self.explained():
            found = os.statvfs(self._top)
        return found.f_bavail * found.f_frsize

    def nodes(self):
        """List the folders of the root."""
        with self.explained():
            self._there()
            return sorted(os.path.basename(path)
                          for path, size in self._inside(self._root)
                          if size is None)

    def list(self, prefix):
        """List files below a folder."""
        with self.explained(prefix):
            # Without its root, an empty list would say "no backups".
            self._there()
        folders = [self._path(prefix)] if prefix else [self._root]
        while folders:
            with self.explained(prefix):
                inside = self._inside(folders.pop())
            for entry, size in inside:
                if size is None:
                    folders.append(pathlib.Path(entry))
                else:
                    name = os.path.relpath(entry, self._root)
                    yield base.Entry(name, size)

    def open(self, name):
        """Open the file."""
        with self.explained(name):
            self._there()
            return object_reader.Reader(
                self, name, open(self._path(name), 'rb', buffering=0))

    def write(self, name, data):
        """Write a hidden file and link it to its name."""
        self.demand_writable()
        path = self._path(name)
        temporary = base.hidden(str(path))
        with self.explained(name):
            self._there()
            path.parent.mkdir(0o700, parents=True, exist_ok=True)
            try:
                self._put(temporary, data)
                atomic_file.publish(temporary, path)
            finally:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(temporary)
            folder = path.parent
            _sync(folder)
            while folder != self._top:
                folder = folder.parent
                _sync(folder)

    def delete(self, name):
        """Delete the file."""
        self.demand_writable()
        path = self._path(name)
        with self.explained(name):
            self._there()
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
                _sync(path.parent)

    def drop(self, name):
        """Delete the folder."""
        self.demand_writable()
        path = self._path(name)
        with self.explained(name):
            self._there()
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(path)
                _sync(path.parent)

    @property
    def _root(self):
        return self._top / (self._cloud or '')

    def _path(self, name):
        return self._root / base.checked(self, name)

    def _there(self):
        # It is never made: below a mount point without its mount,
        # everything would go to the disk that is to be backed up.
        if not self._top.is_dir():
            raise base.StorageError(
                storage=self.location, reason='The folder does not exist',
                remedy=f'Mount the share at {self._top}, or make the folder')

    def _inside(self, folder):
        found = []
        with contextlib.suppress(FileNotFoundError), \
                os.scandir(folder) as entries:
            for entry in entries:
                if entry.name[0] == '.':
                    continue
                if entry.is_dir(follow_symlinks=False):
                    found.append((entry.path, None))
                elif entry.is_file(follow_symlinks=False):
                    # Somebody may delete it meanwhile.
                    with contextlib.suppress(FileNotFoundError):
                        found.append((entry.path, entry.stat().st_size))
        return found

    def _put(self, path, data):
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with open(os.open(path, flags, 0o600), 'wb') as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


def _sync(folder):
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
