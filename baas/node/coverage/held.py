# SPDX-License-Identifier: Apache-2.0
"""Which paths of this node a backup holds. Nothing is asked of file systems
that may not answer, such as those of another machine."""
import os

from baas.node.disks import filesystems
from baas.node.filelist import walk
from baas.node import paths

_LINKS = 40
"""How many links a path may lead through, as of path_resolution(7)."""


class Held:
    """What a backup holds, by the mounts of the node.

    :ivar mounts: all of them, in order of mounting.
    :ivar excludes: globs that the configuration leaves out.
    :ivar captured: those that are on disks of the node.
    """

    def __init__(self, mounts, excludes):
        self.mounts = mounts
        self.excludes = list(excludes)
        self.captured = filesystems.captured(mounts)
        self._pattern = walk.pattern(list(walk.EXCLUDED) + self.excludes)
        self._wanted = [mount for mount in self.captured
                        if not self.leaves_out(mount['mountpoint'])]

    def leaves_out(self, path):
        """Tell whether a path, or a folder above it, is left out (bool).

        :param path: bytes.
        """
        return walk.leaves_out(self._pattern, path)

    def shows(self, mount):
        """Tell whether what a mount shows is in the backup (bool), at its own
        place or at another one."""
        return any(mount['number'] == one['number'] and _is_below(
            mount['root'], one['root']) for one in self._wanted)

    def why_not(self, path):
        """Say why a file is not in a backup; None when it is.

        :param path: on the node (str).
        :returns: the end of a sentence that begins with its name.
        """
        real = self.resolve(path)
        mount = self.mount_of(real)
        if mount is None or not self.shows(mount):
            return 'is on %s, which is not backed up' % (
                'no file system' if mount is None
                else inner(mount['mountpoint']))
        if self.leaves_out(real):
            return 'is left out'
        return None

    def mount_of(self, path):
        """Give the mount that a path without links is on, or None."""
        best = None
        for mount in self.mounts:
            if _is_below(path, mount['mountpoint']) and (
                    best is None or len(mount['mountpoint']) >= len(
                        best['mountpoint'])):
                best = mount
        return best

    def resolve(self, path):
        """Follow the links in a path as far as they stay on disks of this
        node (bytes)."""
        top = os.fsencode(paths.TOP).rstrip(b'/') or b'/'
        todo = os.fsencode(path).split(b'/')[::-1]
        done, links = top, 0
        while todo:
            name = todo.pop()
            if name in (b'', b'.'):
                continue
            if name == b'..':
                done = done if done == top else os.path.dirname(done)
                continue
            there = os.path.join(done, name)
            mount = self.mount_of(there)
            if mount is None or mount['fstype'] not in filesystems.LOCAL:
                return os.path.join(there, *todo[::-1])
            if os.path.islink(there) and links < _LINKS:
                links += 1
                leads = os.readlink(there)
                done = top if leads.startswith(b'/') else done
                todo += leads.split(b'/')[::-1]
            else:
                done = there
        return done


def inner(path):
    """Give the path that something has on the node (str).

    :param path: bytes, below the top of what is backed up.
    """
    found = os.path.relpath(path, os.fsencode(paths.TOP))
    return '/' if found == b'.' else '/' + os.fsdecode(found)


def is_inside(path):
    """Tell whether a path (bytes) is below the top of what is backed up."""
    return _is_below(path, os.fsencode(paths.TOP))


def _is_below(path, top):
    return (path.rstrip(b'/') + b'/').startswith(top.rstrip(b'/') + b'/')
