# SPDX-License-Identifier: Apache-2.0
"""What a snapshot driver is."""
import os

from baas.node.system import syscalls

_PERCENT = {'reserve_percent': 5, 'lvm_use_percent': 80,
            'lvm_least_percent': 10}


class Driver:
    """One way to hold file systems still.

    A driver gets all its file systems at once, so that one that can take
    several snapshots at one moment does. ``options`` are those of a verb;
    :func:`percent` finds in them how much room there has to be.

    :cvar name: how record, file list and answers call it.
    """

    name = None

    def serves(self, mount):
        """Tell whether this driver can do it for a mount (dict)."""
        raise NotImplementedError

    def plan(self, mounts, job, mountpoints, options):
        """Say what :meth:`take` will make, so that it is recorded before.

        :param mounts: list as of :func:`baas.node.disks.filesystems.captured`.
        :param job: id of the job (str).
        :param mountpoints: those of all drivers (list of bytes).
        :returns: list of {'driver', 'mountpoint', 'subvolume', 'read_only',
            'path'}: what of which mount will be seen at which path.
        :raises baas.node.errors.NodeError: it cannot be found out.
        """
        return []

    def take(self, planned):
        """Take the snapshots that were planned.

        :raises OSError: one could not be taken; :meth:`drop` removes the
            others.
        :raises baas.node.errors.NodeError: the same, with the reason.
        """

    def show(self, one, target):
        """Mount a snapshot read-only, in mounts of this process's own.

        :param one: of what was planned (dict).
        :param target: a folder (bytes).
        :raises OSError: it cannot be mounted.
        :raises baas.node.errors.NodeError: the same, with the reason.
        """
        syscalls.bind(os.fsencode(one['path']), target, True)

    def drop(self, job, mountpoints):
        """Remove whatever this driver has made for a job; again is harmless.

        :param mountpoints: where to look (set of bytes).
        :returns: paths of what was removed.
        :raises baas.node.errors.NodeError: something is in use.
        """
        return []

    def room(self, mounts, options):
        """Look beforehand whether there is room for snapshots.

        :returns: list of {'cause', 'hint'}.
        """
        return []

    def strain(self, planned, options):
        """Look whether snapshots are about to do harm to the node itself.

        :param planned: what :meth:`plan` has said, taken or not.
        :returns: list of {'cause', 'hint'}.
        """
        return []

    def watch(self, planned, options):
        """Look whether snapshots that were taken are good, and remain so.

        :returns: list of {'cause', 'hint'}.
        """
        return self.strain(planned, options)


def percent(options, name):
    """Give how much an option of the section snapshot says (int)."""
    return int(options.get(name, _PERCENT[name]))


def shown(mount):
    """Give the mount point of a mount or snapshot for a sentence."""
    return ascii(os.fsdecode(mount['mountpoint']))[1:-1]
