# SPDX-License-Identifier: Apache-2.0
"""The file systems of a node that a backup has to hold."""
import os
import re

from baas.node.disks import btrfs
from baas.node.disks import lvm
from baas.node import paths
from baas.node.system import presence

LOCAL = ('btrfs', 'ext2', 'ext3', 'ext4', 'xfs', 'vfat')
"""Kinds that live on a disk of the node itself."""
_LINKS = '/dev/disk/by-uuid'


def mounts(path='/proc/self/mountinfo'):
    """Read what is mounted where, in order of mounting.

    :returns: list of {'mountpoint', 'root' (bytes), 'number' (of the
        device, str), 'fstype', 'device', 'options' (those of the file system
        and not of the mount)}.
    """
    with open(path, 'rb') as handle:
        return [_parse(line) for line in handle.read().splitlines()]


def _parse(line):
    fields = line.split(b' ')
    rest = fields[fields.index(b'-') + 1:]
    return {'number': fields[2].decode('ascii'), 'root': _plain(fields[3]),
            'mountpoint': _plain(fields[4]),
            'fstype': rest[0].decode('ascii'),
            'device': os.fsdecode(_plain(rest[1])),
            'options': os.fsdecode(_plain(b' '.join(rest[2:])))}


def _plain(text):
    return re.sub(rb'\\([0-7]{3})',
                  lambda match: bytes([int(match.group(1), 8)]), text)


def captured(found=None):
    """Choose the mounts that a backup of the node holds.

    What is mounted twice counts once; what is a part of another file system
    that is mounted somewhere else (a bind mount) does not count.

    :param found: what :func:`mounts` gave, or None to look now.
    :returns: list as of :func:`mounts`, sorted by mount point.
    """
    found = mounts() if found is None else found
    visible = {mount['mountpoint']: mount for mount in found}
    chosen, seen = [], set()
    for mountpoint in sorted(visible):
        mount = visible[mountpoint]
        key = (mount['number'], mount['root'])
        if mount['fstype'] in LOCAL and key not in seen and (
                _is_inside(mountpoint) and _is_whole(mount)):
            seen.add(key)
            chosen.append(mount)
    return chosen


def _is_inside(mountpoint):
    top = os.fsencode(paths.TOP).rstrip(b'/')
    return (mountpoint + b'/').startswith(top + b'/')


def _is_whole(mount):
    if not os.path.isdir(mount['mountpoint']):
        return False
    if mount['fstype'] == 'btrfs':
        return btrfs.is_subvolume(mount['mountpoint'])
    return mount['root'] == b'/'


def describe(mount):
    """Tell what there is to know about a mount that is captured.

    :returns: {'mountpoint', 'fstype', 'device', 'uuid', 'size', 'used',
        'free', 'volume': ``group/name`` of LVM or None}; sizes in bytes.
    """
    room = os.statvfs(mount['mountpoint'])
    return {'mountpoint': os.fsdecode(mount['mountpoint']),
            'fstype': mount['fstype'], 'device': mount['device'],
            'uuid': _uuid(mount),
            'size': room.f_blocks * room.f_frsize,
            'used': (room.f_blocks - room.f_bfree) * room.f_frsize,
            'free': room.f_bavail * room.f_frsize,
            'volume': _volume(mount)}


def _volume(mount):
    found = lvm.volume(mount['number'])
    return found and '%s/%s' % (found['group'], found['name'])


def _uuid(mount):
    if mount['fstype'] == 'btrfs':
        return btrfs.uuid(mount['mountpoint'])
    for name in os.listdir(_LINKS) if os.path.isdir(_LINKS) else ():
        path = os.path.join(_LINKS, name)
        if os.path.realpath(path) == os.path.realpath(mount['device']):
            return name
    # It ends with 2 when there is none.
    return presence.ask(
        ['blkid', '-o', 'value', '-s', 'UUID', mount['device']],
        'Look at this device on the node.', 10, (0, 2)).strip()


def holding(path, found=None):
    """Give the mount that a path is on."""
    path = os.path.realpath(os.fsencode(path))
    best = None
    for mount in mounts() if found is None else found:
        top = mount['mountpoint'].rstrip(b'/')
        if path == mount['mountpoint'] or path.startswith(top + b'/'):
            if best is None or len(top) >= len(
                    best['mountpoint'].rstrip(b'/')):
                best = mount
    return best
