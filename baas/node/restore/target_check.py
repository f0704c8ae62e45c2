# SPDX-License-Identifier: Apache-2.0
"""Look whether a disk may be filled with a restored node."""
import os

from baas.node.disks import filesystems
from baas.node import errors
from baas.node import journal
from baas.node import paths
from baas.node import payloads
from baas.node.system import atomic_file
from baas.node.system import clock
from baas.node.system import host_id


def check_disk(request):
    """Tell whether a mounted disk is empty and large enough.

    Options: root (where it is mounted), needed (bytes; optional), payload
    (kind of what is to be restored).

    :returns: {'free', 'fstype', 'hostname', 'boot_id', 'begun': bool}.
    :raises errors.NodeError: nothing may be restored there.
    """
    root = request.option('root')
    journal.check_epoch(request.job, request.epoch)
    mount = require_blank(root, request.job)
    for problem in payloads.of(request.options).problems():
        raise errors.NodeError(problem['cause'], problem['hint'])
    room = os.statvfs(root)
    free = room.f_bavail * room.f_frsize
    needed = int(request.options.get('needed') or 0)
    begun = os.path.lexists(os.path.join(root, paths.MARKER))
    if free < needed and not begun:
        raise errors.NodeError(
            '%s has %d MiB free and %d MiB are needed.'
            % (root, free >> 20, needed >> 20), 'Use a larger disk.')
    return {'free': free, 'fstype': mount['fstype'], 'begun': begun,
            'hostname': host_id.hostname(), 'boot_id': clock.boot_id()}


def require_blank(root, job):
    """Refuse a tree that is not an empty disk, or of the same restore.

    :returns: the mount (dict).
    :raises errors.NodeError: it is something else.
    """
    mounts = filesystems.mounts()
    path = os.fsencode(os.path.realpath(root))
    own = [one for one in mounts if one['mountpoint'] == path]
    if not own or path == b'/':
        raise errors.NodeError(
            '%s is no mount point of its own.' % root,
            'Mount the disk of the node there first.')
    top = [one for one in mounts if one['mountpoint'] == b'/']
    if top and top[-1]['number'] == own[-1]['number']:
        raise errors.NodeError(
            '%s is on the disk that this system itself runs from.' % root,
            'Boot the rescue system and mount the blank disk there.')
    _refuse_content(root, job, mounts)
    return own[-1]


def _refuse_content(root, job, mounts):
    marker = atomic_file.read_json(os.path.join(root, paths.MARKER,
                                                'restore.json'))
    if marker is not None and marker.get('job') == job:
        return
    inner = os.fsencode(os.path.realpath(root)) + b'/'
    below = [os.fsdecode(one['mountpoint'][len(inner):]).split('/')[0]
             for one in mounts if one['mountpoint'].startswith(inner)]
    names = [name for name in os.listdir(root)
             if name != 'lost+found' and name not in below]
    if names:
        raise errors.NodeError(
            '%s is not empty: it holds %s.' % (root, ascii(names[0])),
            'Restore onto a freshly made file system.')
