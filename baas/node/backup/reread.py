# SPDX-License-Identifier: Apache-2.0
"""Re-read file systems without snapshots until a pass sees no change.

A quiesced node still has writers: its journal, its clock, whoever is logged
in. What changed while it was read is read again, files of such writers from
a copy that stands still.
"""
import os
import shutil
import stat
import time

from baas.node.backup import reader
from baas.node import errors
from baas.node.filelist import attributes
from baas.node.filelist import walk
from baas.node import journal
from baas.node import paths
from baas.node.snapshots import mount_view
from baas.node.system import command
from baas.node.system import syscalls

_PASSES = 6
_COPIED = 256 << 20
# Times of files come from a clock that ticks at least each 10 ms. What was
# written before a pause of several ticks has another time than what is
# written after it.
_PAUSE = 0.05
_TICK = 0.02
_SHOWN = 5


def read(request, data, top, pattern, parent, watch):
    """Read a view as often as it takes.

    :param parent: snapshot to compare with, or None.
    :returns: as :func:`reader.once`, with what all passes stored.
    :raises errors.NodeError: something changes without end; it is named.
    """
    copies = Copies(top)
    try:
        return _read(request, data, top, pattern, parent, watch, copies)
    finally:
        copies.remove()


def _read(request, data, top, pattern, parent, watch, copies):
    stored, added, changed = 0, 0, []
    wanted = Within(pattern, data['offline_mounts'])
    devices = {os.lstat(mount_view.within(top, path)).st_dev
               for path in data['offline_mounts']}
    for _ in range(_PASSES):
        since = pause(data['offline_mounts'])
        try:
            found = reader.once(request, top, pattern, parent, watch,
                                since, live=True)
        except FileNotFoundError:  # pragma: no cover - it vanishes meanwhile
            continue
        stored += found['stored']['stored']
        added += found['stored']['added']
        changed = list(find(top, wanted, devices, since))
        if not changed and not found['differing']:
            found['stored'].update(stored=stored, added=added)
            return found
        parent = found['stored']['snapshot']
        with journal.edit(request.job, request.epoch) as opened:
            opened.superseded(parent)
        copies.still(changed)
    raise errors.NodeError(
        'Files change although the node is quiesced: %s.' % (', '.join(
            ascii('/' + os.fsdecode(path))[1:-1]
            for path, _ in changed[:_SHOWN]) or 'some come and go'),
        'Quiesce what writes them ([quiesce] units), or leave them out '
        '([payload] excludes).')


def pause(mountpoints):
    """Part what was written so far from what is written from now on.

    What is mapped into memory is written back: a page that waits for the
    disk may be changed again without a new time of its file, one that has
    been written back may not.

    :param mountpoints: what to write back (list of str).
    :returns: no change before this has a later time (seconds since 1970).
    """
    time.sleep(_PAUSE)
    since = time.time() - _TICK
    for path in mountpoints:
        syscalls.sync(path)
    return since


def find(top, wanted, devices, since):
    """Yield (path, lstat) of what may have changed since a time.

    :param devices: numbers of the file systems that count, or None for all.
    """
    since = int(since * 10**9)
    for path, found in walk.walk(top, wanted, None, True):
        if found.st_ctime_ns >= since and (
                devices is None or found.st_dev in devices):
            yield path, found


class Within:
    """Leaves out what a pattern does, and what is not below some places."""

    def __init__(self, pattern, mountpoints):
        self._pattern = pattern
        self._inner = [os.fsencode(os.path.normpath(os.path.join(
            '/', os.path.relpath(path, paths.TOP)))).rstrip(b'/') + b'/'
            for path in mountpoints]

    def match(self, path):
        """Tell whether a path (bytes, with a leading /) is left out."""
        path = path if path.endswith(b'/') else path + b'/'
        return bool(self._pattern.match(path[:-1])) or not any(
            path.startswith(one) or one.startswith(path)
            for one in self._inner)


class Copies:
    """Files that do not stand still, replaced in the view by copies."""

    def __init__(self, top):
        self._top = top
        # It is no part of the backup, and likely of the same kind of file
        # system: it knows the same attributes and flags.
        self._folder = paths.state('files', 'still')
        shutil.rmtree(self._folder, True)
        paths.make(self._folder)
        self._room = min(_COPIED, shutil.disk_usage(self._folder).free // 2)
        self._count = 0

    def still(self, changed):
        """Put copies over files that changed.

        :param changed: list of (path, lstat).
        """
        for path, found in changed:
            size = found.st_blocks * 512
            if stat.S_ISREG(found.st_mode) and size <= self._room:
                self._room -= size
                self._count += 1
                copy = os.path.join(self._folder, str(self._count))
                try:
                    self._still(os.path.join(self._top, path), copy)
                except FileNotFoundError:
                    continue

    def _still(self, full, copy):
        # A flag that keeps files from being changed is not copied: it would
        # keep the copy from being removed.
        status, _, _ = command.attempt(
            ['cp', '--archive', '--sparse=always', '--no-target-directory',
             '--', os.fsdecode(full), copy], 300)
        if status:
            return  # it is gone, or changes too much: the next pass sees
        descriptor = attributes.open_quietly(full)
        try:
            flags = attributes.get_flags(descriptor)
        finally:
            os.close(descriptor)
        attributes.set_flags(copy, flags & ~(attributes.IMMUTABLE
                                             | attributes.APPEND))
        syscalls.bind(os.fsencode(copy), full, True)

    def remove(self):
        """Remove the copies; the view is of no use afterwards."""
        shutil.rmtree(self._folder, True)
