# SPDX-License-Identifier: Apache-2.0
"""Hold some files of a backup against the node as it is now."""
import json
import os

from baas.node.backup import reader
from baas.node.disks import filesystems
from baas.node import errors
from baas.node.filelist import attributes
from baas.node.filelist import compare
from baas.node.filelist import fields
from baas.node.filelist import walk
from baas.node import paths
from baas.node.snapshots import snapshot

_EXAMPLES = 20
_GENTLE = 19


def spot_check(request):
    """Compare a sample of the file list of a backup with the living node, and
    count the files that it has now. Nothing is changed.

    Options: sample (path of a file with an entry of the list in each line),
    moment (seconds since 1970: what was changed later does not count),
    excludes (globs).

    :returns: {'compared', 'same', 'changed_since', 'missing_since': files
        that were changed or removed after the backup, 'changed', 'missing':
        those that are not what the backup has and were not touched since,
        'files_now', 'examples': sentences on the first of those}.
    :raises errors.NodeError: the sample is not there.
    """
    os.nice(_GENTLE)
    look = _Look(int(request.option('moment') * 10**9))
    number = 0
    for number, entry in enumerate(_entries(request.option('sample')), 1):
        look.entry(entry)
        if number % 50 == 0:
            request.report(task='comparing files', files_done=number,
                           bytes_done=look.comparison.size)
    request.report(task='counting files')
    return dict(look.found, compared=number, examples=look.examples,
                read_bytes=look.comparison.size,
                files_now=_count(request, request.options.get('excludes',
                                                              [])))


class _Look:
    """What is known of the files that were compared."""

    def __init__(self, moment):
        self.comparison = compare.Comparison(os.fsencode(paths.TOP))
        self.found = dict.fromkeys(
            ('same', 'changed', 'changed_since', 'missing',
             'missing_since'), 0)
        self.examples = []
        self._moment = moment

    def entry(self, entry):
        """Compare one file."""
        full = os.path.join(os.fsencode(paths.TOP),
                            attributes.raw(entry[fields.PATH]))
        try:
            found = os.lstat(full)
        except (FileNotFoundError, NotADirectoryError):
            since = self._touched_above(full)
            return self._take('missing', since, entry, ['it is missing'])
        if self._is_newer(found):
            return self._take('changed', True, entry, [])
        try:
            wrong = self.comparison.differences(entry)
            found = os.lstat(full)
        except OSError as error:  # it vanished, or cannot be read
            wrong = ['it cannot be read: %s' % error.strerror]
            found = None
        if not wrong:
            self.found['same'] += 1
            return None
        return self._take(
            'changed', found is not None and self._is_newer(found), entry,
            wrong)

    def _take(self, how, since, entry, wrong):
        self.found[how + ('_since' if since else '')] += 1
        if not since and len(self.examples) < _EXAMPLES:
            self.examples.append('/%s: %s.' % (
                compare.printable(entry[fields.PATH]), '; '.join(wrong)))

    def _is_newer(self, found):
        return max(found.st_mtime_ns, found.st_ctime_ns) > self._moment

    def _touched_above(self, path):
        """Tell whether the folder that a file was in was changed since."""
        while True:
            path = os.path.dirname(path)
            try:
                return self._is_newer(os.lstat(path))
            except (FileNotFoundError, NotADirectoryError):
                if path in (b'', b'/'):
                    return False


def _entries(path):
    try:
        with open(path, encoding='ascii') as handle:
            for line in handle:
                yield json.loads(line)
    except FileNotFoundError:
        raise errors.NodeError(
            'There is no sample %s on this node.' % path,
            'Ask for another spot check; a reboot ends one.')


def _count(request, excludes):
    """Count the regular files that a backup would take now."""
    mounts = snapshot.wanted(excludes)
    tops = [os.fsdecode(mount['mountpoint']) for mount in mounts]
    borders = {mount['mountpoint'] for mount in filesystems.mounts()}
    pattern = walk.pattern(reader.globs(request, tops))
    return count([mount['mountpoint'] for mount in mounts], borders, pattern,
                 request.report)


def count(tops, borders, pattern, report):
    """Count regular files below some folders.

    :param tops: paths (list of bytes).
    :param borders: mount points, which are not entered from above (set).
    :param pattern: what is left out, as of :func:`walk.pattern`.
    :param report: called with ``files_done`` now and then.
    """
    number = 0
    for top in tops:
        waiting = [top]
        while waiting:
            files, folders = _inside(waiting.pop(), pattern)
            number += files
            waiting += [path for path in folders if path not in borders]
            report(files_done=number)
    return number


def _inside(folder, pattern):
    """Give the number of files of a folder, and the folders in it."""
    files, folders = 0, []
    top = len(os.fsencode(paths.TOP).rstrip(b'/'))
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if pattern is not None and pattern.match(entry.path[top:]):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    files += 1
    except (FileNotFoundError, NotADirectoryError):
        pass  # it vanished: the node is at work
    except OSError as error:
        raise errors.NodeError(
            'The files in %s cannot be counted: %s.'
            % (compare.printable(folder), error.strerror),
            'Look at the disk that it is on.')
    return files, folders
