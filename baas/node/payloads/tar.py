# SPDX-License-Identifier: Apache-2.0
"""The payload as one archive a backup, as ReaR lays it out: tar, compressed
by zstd, encrypted by age. The only file that knows them."""
import os
import re

from baas.node import errors
from baas.node import journal
from baas.node import paths
from baas.node.payloads import base
from baas.node.payloads import objects
from baas.node import stores
from baas.node.stores import nfs
from baas.node.system import atomic_file
from baas.node.system import command

ARCHIVE = 'backup.tar.zst.age'
LIST = 'files.jsonl.zst.age'
"""Names of what a backup is made of."""
_WRITE = ['--create', '--file=-', '--format=posix',
          '--pax-option=delete=atime,delete=ctime', '--numeric-owner',
          '--sparse', '--acls', '--xattrs', '--xattrs-include=*',
          '--warning=no-timestamp', '--checkpoint=1000',
          # What is read is what was found, and nothing else.
          '--no-recursion', '--null', '--verbatim-files-from']
_READ = ['--extract', '--file=-', '--numeric-owner', '--preserve-permissions',
         '--sparse', '--acls', '--xattrs', '--xattrs-include=*',
         '--warning=no-timestamp', '--delay-directory-restore',
         # Files that are there have flags that only empty ones can get.
         '--overwrite']
_RECORD = 10240
_COMPRESS = ['zstd', '--quiet', '--stdout']
_EXPAND = ['zstd', '--quiet', '--decompress', '--stdout']


def _age():
    """Give the path of age on this node."""
    return paths.state('bin', 'age')


class Tar(base.Payload):
    """See :class:`base.Payload`.

    Options: store, folder (of the node's backups in the store), backup,
    recipient; of a restore archive and list ({name, size, sha256}).
    """

    name = 'tar'
    repeats = False

    def problems(self):
        """See :class:`base.Payload`."""
        return [{'cause': 'There is no %s on this node.' % name,
                 'hint': 'Install it, or set [payload] kind to restic.'}
                for name in ('tar', 'zstd') if not command.find(name)]

    def require(self, request):
        """See :class:`base.Payload`."""
        for problem in self.problems():
            raise errors.NodeError(problem['cause'], problem['hint'])
        found = {}
        for name, program in (('tar', 'tar'), ('zstd', 'zstd'),
                              ('age', _age())):
            out = command.run([program, '--version'],
                              'Put it there, or install it.', 20)
            number = re.search(r'\d+(\.\d+)+', out)
            found[name] = number.group() if number else out.strip()[:40]
        return found

    def prepare(self, request):
        """See :class:`base.Payload`: an archive needs nothing beforehand but
        a storage that can be reached."""
        with stores.of(request):
            return False

    def reader(self, request, top, kind, parent):
        """See :class:`base.Payload`."""
        return _Reader(request, top)

    def store_list(self, request, path):
        """See :class:`base.Payload`."""
        with open(path, 'rb') as source, objects.Upload(
                request, LIST, [_COMPRESS, _encrypt(request)],
                source=source) as upload:
            while not upload.wait(1):
                pass  # pragma: no cover - it takes less than a second
        stored = upload.finish('store the file list')
        return {'stored': stored['size'], 'added': os.path.getsize(path),
                'list': stored}

    def fetch_list(self, request, path):
        """See :class:`base.Payload`."""
        name = paths.work(request.job, 'identity')
        with open(path, 'wb') as handle:
            objects.download(
                request, request.option('list'),
                [[_age(), '--decrypt', '--identity', name], _EXPAND],
                'fetch the file list', handle)

    def restore(self, request, root):
        """See :class:`base.Payload`."""
        name = paths.work(request.job, 'identity')
        told = request.option('archive')

        def report(done):
            request.report(percent=1 + 74 * done // max(1, told['size']),
                           bytes_done=done, bytes_total=told['size'],
                           task='writing files')
        return objects.download(
            request, told,
            [[_age(), '--decrypt', '--identity', name], _EXPAND,
             ['tar'] + _READ + ['--directory', root]],
            'write all files', None, report)

    def clear(self, request):
        """Remove what is not whole yet. A storage that is gone is no
        hindrance: the service removes the folder of a backup that failed."""
        data = journal.load()
        removed = 0
        if journal.is_open(data) and data['job'] == request.job and (
                data.get('partial')) and request.options.get('store'):
            try:
                nfs.reach(request)
                with stores.of(request) as store:
                    for name in data['partial'].values():
                        store.remove(name)
                        removed += 1
            except errors.NodeError:
                pass
        return {'unlocked': False, 'forgotten': removed}


def _encrypt(request):
    return [_age(), '--encrypt', '--recipient', request.option('recipient')]


class _Reader(base.Reader):
    def __init__(self, request, top):
        self._request = request
        self._top = top
        self._names = paths.state('files', 'names')
        paths.make(paths.state('files'))
        self._list = open(self._names, 'wb')
        self._files = self._bytes = 0
        self._upload = None

    def take(self, path, found):
        """See :class:`base.Reader`."""
        kind = found.st_mode & 0o170000
        if kind == 0o140000:
            return  # a socket; it is in the list
        self._list.write((path or b'.') + b'\0')
        if kind == 0o100000:
            self._files += 1
            self._bytes += found.st_size

    def begin(self, left_out):
        """See :class:`base.Reader`."""
        self._list.close()
        words = ['tar'] + _WRITE + ['--files-from', self._names]
        self._upload = objects.Upload(
            self._request, ARCHIVE,
            [words, _COMPRESS, _encrypt(self._request)], cwd=self._top)

    def wait(self, seconds):
        """See :class:`base.Reader`."""
        return self._upload.wait(seconds)

    def progress(self):
        """See :class:`base.Reader`."""
        done = self._upload.checkpoint() * _RECORD
        return {'bytes_done': min(done, self._bytes), 'files_done': 0}

    def finish(self, what, live=False):
        """See :class:`base.Reader`."""
        stored = self._upload.finish(what)
        return {'snapshot': None, 'stored': stored['size'],
                'added': self._bytes,
                'files': self._files, 'bytes': self._bytes,
                'archive': stored}

    def kill(self, patience=20):
        """See :class:`base.Reader`."""
        self._list.close()
        if self._upload is not None:
            self._upload.end(patience)
        atomic_file.remove(self._names)
