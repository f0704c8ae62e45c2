# SPDX-License-Identifier: Apache-2.0
"""Read a view of the node into the storage, once."""
import os

from baas.node.filelist import listing
from baas.node.filelist import walk
from baas.node import paths
from baas.node import payloads
from baas.node.snapshots import monitor

LIST = 'files.jsonl'
"""Name of the file list."""


def globs(request, tops):
    """Give what is left out of a backup.

    :param tops: mount points that may hold snapshots of ours (list of str).
    :returns: list of globs, to be understood from the top of the view.
    """
    own = [os.path.normpath('/%s/%s' % (
        os.path.relpath(top, paths.TOP), paths.SNAPSHOTS)) for top in tops]
    return (list(walk.EXCLUDED) + own
            + list(request.options.get('excludes', [])))


class Reading:
    """A payload that is read from exactly what a walk has found.

    As a context it begins, and ends the programs at work whatever happens.

    :ivar totals: {'files', 'bytes'} that there are to read, and what is
        'left_out'.
    """

    def __init__(self, request, top, pattern, kind, parent, watch,
                 live=False):
        """Prepare to read.

        :param top: top of the view (bytes).
        :param pattern: what is left out, as of :func:`walk.pattern`.
        :param kind: what it is for: ``payload`` or ``precopy``.
        :param parent: the snapshot to compare with, or None.
        :param watch: called every now and then; what it raises ends this.
        :param live: True when files may vanish meanwhile.
        """
        self.totals = {'files': 0, 'bytes': 0, 'left_out': []}
        self._request = request
        self._top = top
        self._pattern = pattern
        self._watch = watch
        self._live = live
        self._reader = payloads.of(request.options).reader(
            request, top, kind, parent)

    def __enter__(self):
        try:
            self._count()
            self._reader.begin(self.totals['left_out'])
        except BaseException:
            self._reader.kill()
            raise
        return self

    def _count(self):
        """Count what there is to read, and note what is left out."""
        totals = self.totals
        self._request.report(task='looking for files')
        for path, found in walk.walk(self._top, self._pattern,
                                     totals['left_out'], self._live):
            self._reader.take(path, found)
            if found.st_mode & 0o170000 == 0o100000:
                totals['files'] += 1
                totals['bytes'] += found.st_size
        self._request.report(bytes_total=totals['bytes'])

    def __exit__(self, kind, *error):
        # A snapshot that fills up is not to wait for a slow storage.
        urgent = kind is not None and issubclass(kind, monitor.Full)
        self._reader.kill(1 if urgent else 20)

    def report(self):
        """Say how far it is, and look whether it may go on."""
        self._watch()
        progress, total = self._reader.progress(), self.totals['bytes']
        part = min(progress['bytes_done'] / total, 1.0) if total else 1.0
        self._request.report(percent=int(98 * part), task='reading files',
                             **progress)

    def wait(self):
        """Wait for the end."""
        while not self._reader.wait(0.5):
            self.report()

    def finish(self, what):
        """Give the result; see :meth:`payloads.base.Reader.finish`."""
        return self._reader.finish(what, self._live)


def once(request, top, pattern, parent, watch, timestamp, live=False):
    """Read all of a view into the storage, and write the file list.

    :param timestamp: when the view began to stand still, seconds since 1970.
    :param live: True when a part of it may change nevertheless.
    :returns: {'stored': what the payload's reader says, 'writer', 'digest',
        'differing'}: the last is a sentence, or None when what was stored
        is what was found.
    :raises FileNotFoundError: something vanished; only when it is live.
    """
    run = Reading(request, top, pattern, 'payload', parent, watch, live)
    paths.make(paths.state('files'))
    with run:
        writer = listing.Writer(
            paths.state('files', LIST),
            paths.state('files', 'memory.jsonl'),
            request.option('backup'), request.option('host'), timestamp)
        for path, found in walk.walk(top, pattern, None, live):
            writer.add(top, path, found)
            if writer.files % 50 == 0:
                run.report()
        digest = writer.close()
        run.wait()
    stored = run.finish('read the node')
    return {'stored': stored, 'writer': writer, 'digest': digest,
            'differing': _differing(run.totals, stored, writer)}


def _differing(totals, summary, writer):
    counted = (totals['files'], totals['bytes'])
    stored = (summary['files'], summary['bytes'])
    if counted == stored and writer.size == totals['bytes']:
        return None
    return ('The node has %d files of %d bytes, and %d of %d were stored.'
            % (counted + stored))
