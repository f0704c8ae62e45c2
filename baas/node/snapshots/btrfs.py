# SPDX-License-Identifier: Apache-2.0
"""Snapshots of btrfs, nested subvolumes included."""
import os

from baas.node.disks import btrfs
from baas.node import paths
from baas.node.snapshots import base

_METADATA = 64 << 20
"""Bytes of room for metadata that are enough for a file system of any
size."""


class Driver(base.Driver):
    """See :class:`base.Driver`."""

    name = 'btrfs'

    def serves(self, mount):
        """See :class:`base.Driver`."""
        return mount['fstype'] == 'btrfs'

    def plan(self, mounts, job, mountpoints, options):
        """See :class:`base.Driver`; parents before what is nested in them."""
        planned = []
        for top in [mount['mountpoint'] for mount in mounts]:
            home = os.path.join(top, os.fsencode(paths.SNAPSHOTS))
            inner = [path for path in btrfs.nested(top)
                     if _is_visible(top, path, mountpoints)]
            for path in [b''] + inner:
                number = os.fsencode(str(len(planned)))
                planned.append({
                    'driver': self.name,
                    'mountpoint': os.fsdecode(top),
                    'subvolume': os.fsdecode(path),
                    'read_only': btrfs.is_read_only(os.path.join(top, path)),
                    'path': os.fsdecode(
                        os.path.join(home, os.fsencode(job), number))})
        return planned

    def take(self, planned):
        """See :class:`base.Driver`."""
        for one in planned:
            top = os.fsencode(one['mountpoint'])
            target = os.fsencode(one['path'])
            folder = os.path.dirname(target)
            for path in (os.path.dirname(folder), folder):
                if not os.path.isdir(path):
                    os.mkdir(path, 0o700)
            btrfs.snapshot(
                os.path.join(top, os.fsencode(one['subvolume'])), target)

    def drop(self, job, mountpoints):
        """See :class:`base.Driver`."""
        dropped = []
        for top in sorted(mountpoints):
            dropped += _drop_folder(os.path.join(
                top, os.fsencode(paths.SNAPSHOTS), os.fsencode(job)))
        return dropped

    def room(self, mounts, options):
        """See :class:`base.Driver`.

        While a snapshot is kept, whatever is written needs new room.
        """
        problems = []
        share = base.percent(options, 'reserve_percent')
        for mount in mounts:
            found = os.statvfs(mount['mountpoint'])
            needed = found.f_blocks * found.f_frsize * share // 100
            data, metadata = btrfs.room(mount['mountpoint'])
            problems += _lack(mount, 'free', data, needed)
            if metadata is not None and data >= needed:
                problems += _lack(mount, 'free for metadata', metadata,
                                  min(needed, _METADATA))
        return problems

    def strain(self, planned, options):
        """See :class:`base.Driver`."""
        tops = sorted({one['mountpoint'] for one in planned})
        return self.room([{'mountpoint': os.fsencode(top)} for top in tops],
                         options)


def _lack(mount, what, free, needed):
    if free >= needed:
        return []
    return [{'cause': '%s has %d MiB %s, and %d MiB have to stay free while '
             'it has a snapshot.' % (
                 base.shown(mount), free >> 20, what, needed >> 20),
             'hint': 'Make room there, or lower [snapshot] '
             'reserve_percent.'}]


def _is_visible(top, path, mountpoints):
    """Leave snapshots of ours out, and what another mount lies over."""
    if path.split(b'/')[0] == os.fsencode(paths.SNAPSHOTS):
        return False
    full = os.path.join(top, path)
    for other in mountpoints:
        if other != top and (full + b'/').startswith(other + b'/') and (
                other.startswith(top.rstrip(b'/') + b'/')):
            return False
    return os.path.isdir(full) and btrfs.is_subvolume(full)


def _drop_folder(folder):
    if not os.path.isdir(folder):
        return []
    dropped = []
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if btrfs.is_subvolume(path):
            btrfs.delete(path)
            dropped.append(os.fsdecode(path))
    for path in (folder, os.path.dirname(folder)):
        try:
            os.rmdir(path)
        except OSError:
            # Something in it is not ours, or of another job: it stays.
            break
    return dropped
