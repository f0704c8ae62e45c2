# SPDX-License-Identifier: Apache-2.0
"""Read a view of the node into the repository, once."""
import os

from baas.node import conditions
from baas.node import filelist
from baas.node import places
from baas.node import restic
from baas.node import walk

LIST = 'files.jsonl'
"""Name of the file list."""


def globs(request, tops):
    """Give what is left out of a backup.

    :param tops: mount points that may hold snapshots of ours (list of str).
    :returns: list of globs, to be understood from the top of the view.
    """
    own = [os.path.normpath('/%s/%s' % (
        os.path.relpath(top, places.TOP), places.SNAPSHOTS)) for top in tops]
    return (list(walk.EXCLUDED) + own
            + list(request.options.get('excludes', [])))


class Reading:
    """Restic at work on exactly what a walk has found.

    As a context it begins, and ends restic whatever happens.

    :ivar totals: {'files', 'bytes'} that there are to read, and what is
        'left_out'.
    """

    def __init__(self, request, top, pattern, kind, parent, guard,
                 live=False):
        """Prepare to read.

        :param top: top of the view (bytes).
        :param pattern: what is left out, as of :func:`walk.pattern`.
        :param kind: tag of the snapshot in the repository.
        :param parent: the snapshot to compare with, or None.
        :param guard: called every now and then; what it raises ends this.
        :param live: True when files may vanish meanwhile.
        """
        self.totals = {'files': 0, 'bytes': 0, 'left_out': []}
        self._request = request
        self._top = top
        self._pattern = pattern
        self._words = ['backup', '.', '--json',
                       '--host', request.option('host'),
                       '--tag', 'backup=' + request.option('backup'),
                       '--tag', 'kind=' + kind, '--no-scan',
                       '--retry-lock', '5m']
        self._words += ['--parent', parent] if parent else []
        self._guard = guard
        self._live = live
        self._run = None

    def __enter__(self):
        self._count()
        excludes = places.work(self._request.job, 'excludes')
        with open(excludes, 'w', encoding='utf-8') as handle:
            for path in self.totals['left_out']:
                handle.write(restic.literal(self._top + b'/' + path) + '\n')
        self._run = restic.Run(
            self._request, self._words + ['--exclude-file', excludes],
            cwd=self._top)
        return self

    def _count(self):
        """Count what there is to read, and note what is left out."""
        totals = self.totals
        self._request.tell(task='looking for files')
        for _, found in walk.walk(self._top, self._pattern,
                                  totals['left_out'], self._live):
            if found.st_mode & 0o170000 == 0o100000:
                totals['files'] += 1
                totals['bytes'] += found.st_size
        self._request.tell(bytes_total=totals['bytes'])

    def __exit__(self, kind, *error):
        # A snapshot that fills up is not to wait for a slow storage.
        urgent = kind is not None and issubclass(kind, conditions.Full)
        self._run.kill(1 if urgent else 20)

    def tell(self):
        """Say how far it is, and look whether it may go on."""
        self._guard()
        done, total = self._run.last.get('bytes_done', 0), self.totals['bytes']
        part = min(done / total, 1.0) if total else 1.0
        self._request.tell(
            percent=int(98 * part), bytes_done=done, task='reading files',
            files_done=self._run.last.get('files_done', 0))

    def wait(self):
        """Wait for the end."""
        while not self._run.wait(0.5):
            self.tell()

    def finish(self, what, good=(0,)):
        """Give the summary; see :meth:`restic.Run.finish`."""
        return self._run.finish(what, good)


def once(request, top, pattern, parent, guard, moment, live=False):
    """Read all of a view into the repository, and write the file list.

    :param moment: when the view began to stand still, seconds since 1970.
    :param live: True when a part of it may change nevertheless.
    :returns: {'snapshot', 'stored' (bytes), 'writer', 'digest',
        'differing'}: the last is a sentence, or None when what was stored
        is what was found.
    :raises FileNotFoundError: something vanished; only when it is live.
    """
    run = Reading(request, top, pattern, 'payload', parent, guard, live)
    places.make(places.state('files'))
    with run:
        writer = filelist.Writer(
            places.state('files', LIST),
            places.state('files', 'memory.jsonl'),
            request.option('backup'), request.option('host'), moment)
        for path, found in walk.walk(top, pattern, None, live):
            writer.add(top, path, found)
            if writer.files % 50 == 0:
                run.tell()
        digest = writer.close()
        run.wait()
    summary = run.finish('read the node', (0, 3) if live else (0,))
    return {'snapshot': summary['snapshot_id'], 'writer': writer,
            'stored': summary.get('data_added_packed', 0),
            'digest': digest,
            'differing': _differing(run.totals, summary, writer)}


def _differing(totals, summary, writer):
    counted = (totals['files'], totals['bytes'])
    stored = (summary['total_files_processed'],
              summary['total_bytes_processed'])
    if counted == stored and writer.size == totals['bytes']:
        return None
    return ('The node has %d files of %d bytes, and %d of %d were stored.'
            % (counted + stored))
