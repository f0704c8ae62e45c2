# SPDX-License-Identifier: Apache-2.0
"""The payload in a restic repository: read once, stored once."""
import os
import subprocess

from baas.node import background
from baas.node import journal
from baas.node import paths
from baas.node.payloads import base
from baas.node.payloads import pace
from baas.node.payloads import restic_cli
from baas.node.system import atomic_file

_LIST = 'files.jsonl'


class Restic(base.Payload):
    """See :class:`base.Payload`.

    Options: repository, restic_args, backup, host; of a restore snapshot,
    files_snapshot.
    """

    name = 'restic'
    repeats = True

    def problems(self):
        """See :class:`base.Payload`."""
        return []

    def require(self, request):
        """See :class:`base.Payload`."""
        version = restic_cli.require()
        restic_cli.require_credentials(request.job)
        return {'restic': version}

    def prepare(self, request):
        """See :class:`base.Payload`."""
        return restic_cli.prepare(request)

    def reader(self, request, top, kind, parent):
        """See :class:`base.Payload`.

        Only here can a lock that this node has left be told from one that is
        in use, and a storage that was away has kept it.
        """
        last = atomic_file.read_json(_mark())
        if last not in (None, request.job):
            restic_cli.quick(request, ['unlock'], 120)
        if last != request.job:
            paths.make(os.path.dirname(_mark()))
            atomic_file.write_json(_mark(), request.job)
        return _Reader(request, top, kind, parent)

    def store_list(self, request, path):
        """See :class:`base.Payload`."""
        words = ['backup', '--stdin', '--stdin-filename', _LIST, '--json',
                 '--host', request.option('host'), '--retry-lock', '5m',
                 '--tag', 'backup=' + request.option('backup'),
                 '--tag', 'kind=files']
        with open(path, 'rb') as handle:
            run = restic_cli.Run(request, words, stdin=handle)
            try:
                while not run.wait(1):
                    pass
            finally:
                run.kill()
        summary = run.finish('store the file list')
        return {'stored': summary.get('data_added_packed', 0),
                'added': summary.get('data_added', 0),
                'files_snapshot': summary['snapshot_id']}

    def fetch_list(self, request, path):
        """See :class:`base.Payload`."""
        words, environment = restic_cli.call(
            request, ['dump', request.option('files_snapshot'), '/' + _LIST])
        with open(path, 'wb') as handle:
            done = subprocess.run(
                words, stdout=handle, stderr=subprocess.PIPE,
                stdin=subprocess.DEVNULL, env=environment)
        if done.returncode:
            raise restic_cli.error('fetch the file list', done.returncode,
                                   done.stderr.decode('utf-8', 'replace'))

    def restore(self, request, root):
        """See :class:`base.Payload`."""
        run = restic_cli.Run(request, [
            'restore', request.option('snapshot'), '--target', root,
            '--sparse', '--json'])
        try:
            while not run.wait(0.5):
                last = run.last
                request.report(
                    percent=1 + int(74 * last.get('percent_done', 0)),
                    bytes_done=last.get('bytes_restored', 0),
                    bytes_total=last.get('total_bytes', 0),
                    files_done=last.get('files_restored', 0),
                    task='writing files')
        finally:
            run.kill()
        return run.finish('write all files').get('total_bytes', 0)

    def clear(self, request):
        """Remove locks of killed processes, and snapshots that no backup
        needs. What cannot be removed now goes with the backup itself: it has
        its tag."""
        # A capture that came to its end has left none.
        unlocked = background.is_done(request.job, 'capture') or (
            bool(request.options.get('repository'))
            and restic_cli.has_credentials(request.job)
            and restic_cli.version() is not None
            and restic_cli.quick(request, ['unlock'], 120)[0] == 0)
        if unlocked:
            atomic_file.remove(_mark())
        return {'unlocked': unlocked,
                'forgotten': self._forget(request) if unlocked else 0}

    def _forget(self, request):
        data = journal.load()
        if not journal.is_open(data) or data['job'] != request.job:
            return 0
        names = list(data.get('superseded', []))
        if data.get('precopy'):
            names += restic_cli.tagged(request, 'precopy',
                                       data['precopy']['backup'],
                                       or_none=True)
        status = names and restic_cli.quick(
            request, ['forget', '--retry-lock', '1m'] + names, 120)[0]
        return len(names) if names and not status else 0


def _mark():
    """Give the path of what names the last job that reads, until its locks
    are known to be gone. It is no part of backups, as all that is there."""
    return paths.state('files', 'reader.json')


class _Reader(base.Reader):
    def __init__(self, request, top, kind, parent):
        self._request = request
        self._top = top
        self._words = ['backup', '.', '--json',
                       '--host', request.option('host'),
                       '--tag', 'backup=' + request.option('backup'),
                       '--tag', 'kind=' + kind, '--no-scan',
                       '--retry-lock', '5m']
        self._words += ['--parent', parent] if parent else []
        files = pace.of(request).get('files')
        self._words += ['--read-concurrency', str(files)] if files else []
        self._run = None

    def begin(self, left_out):
        """See :class:`base.Reader`."""
        excludes = paths.work(self._request.job, 'excludes')
        with open(excludes, 'w', encoding='utf-8') as handle:
            for path in left_out:
                handle.write(restic_cli.literal(self._top + b'/' + path)
                             + '\n')
        self._run = restic_cli.Run(
            self._request, self._words + ['--exclude-file', excludes],
            cwd=self._top)

    def wait(self, seconds):
        """See :class:`base.Reader`."""
        return self._run.wait(seconds)

    def progress(self):
        """See :class:`base.Reader`."""
        return {name: self._run.last.get(name, 0)
                for name in ('bytes_done', 'files_done')}

    def finish(self, what, live=False):
        """See :class:`base.Reader`."""
        summary = self._run.finish(what, (0, 3) if live else (0,))
        return {'snapshot': summary['snapshot_id'],
                'stored': summary.get('data_added_packed', 0),
                'added': summary.get('data_added', 0),
                'files': summary['total_files_processed'],
                'bytes': summary['total_bytes_processed']}

    def kill(self, patience=20):
        """See :class:`base.Reader`."""
        if self._run is not None:
            self._run.kill(patience)
