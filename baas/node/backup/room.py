# SPDX-License-Identifier: Apache-2.0
"""Room on this node: for what a backup adds, and for services to start
again."""
import os

from baas.node.cluster import galera
from baas.node.disks import filesystems

METADATA = 256 << 20
"""Bytes that a backup needs below /var/lib, beside half of the database."""
START = 16 << 20
"""Bytes that services need where they write as they start: locks, logs, and
what an engine notes of its containers."""
START_FILES = 64
_WRITTEN = ('/run', '/tmp', '/var/log', '/var/lib')


def problems(stops):
    """Say where there is too little: [{'cause', 'hint'}].

    :param stops: whether services are stopped, and have to start again.
    """
    return _metadata() + (_start() if stops else [])


def _metadata():
    room = os.statvfs('/var/lib')
    needed = METADATA + _database_size() // 2
    free = room.f_bavail * room.f_frsize
    if free >= needed:
        return []
    return [{'cause': '/var/lib has %d MiB free and %d MiB are needed for '
                      'metadata.' % (free >> 20, needed >> 20),
             'hint': 'Make room on this node.'}]


def _start():
    found, seen = [], set()
    for path in (*_WRITTEN, galera.data(), *_own_layers()):
        try:
            device, room = os.stat(path).st_dev, os.statvfs(path)
        except FileNotFoundError:  # there is none, or no more
            continue
        except OSError as error:
            found.append({
                'cause': 'The file system of %s does not tell what room it '
                         'has: %s.' % (path, error.strerror),
                'hint': 'See whether its disk is well, and what the kernel '
                        'says of it.'})
            continue
        lacking = _lacking(room) if device not in seen else None
        seen.add(device)
        if lacking:
            found.append({
                'cause': 'The file system of %s %s: what is stopped would not '
                         'start again.' % (path, lacking),
                'hint': 'Make room there, or set [quiesce] mode to freeze.'})
    return found


def _lacking(room):
    """Say in words what a file system lacks, or give None."""
    if room.f_bavail * room.f_frsize < START:
        return 'has %d of %d MiB free' % (
            room.f_bavail * room.f_frsize >> 20, START >> 20)
    # Those that make inodes as they need them count none.
    if room.f_files and room.f_favail < START_FILES:
        return 'takes %d of %d files more' % (room.f_favail, START_FILES)
    return None


def _own_layers():
    """Name the folders that containers at work write to (list of str)."""
    return [word.partition('=')[2] for mount in filesystems.mounts()
            if mount['fstype'] == 'overlay'
            for word in mount['options'].split(',')
            if word.startswith('upperdir=')]


def _database_size():
    total = 0
    for folder, _, names in os.walk(galera.data()):
        for name in names:
            if name.endswith(('.ibd', '.MYD', 'ibdata1')):
                try:
                    path = os.path.join(folder, name)
                    total += os.lstat(path).st_blocks * 512
                except OSError:  # pragma: no cover - it vanishes meanwhile
                    continue
    return total
