# SPDX-License-Identifier: Apache-2.0
"""What a snapshot driver is."""


class Driver:
    """One way to hold file systems still.

    A driver gets all its file systems at once, so that one that can take
    several snapshots at one moment does.

    :cvar name: how record, file list and answers call it.
    """

    name = None

    def serves(self, mount):
        """Tell whether this driver can do it for a mount (dict)."""
        raise NotImplementedError

    def plan(self, mounts, job, mountpoints):
        """Say what :meth:`take` will make, so that it is recorded before.

        :param mounts: list as of :func:`baas.node.filesystems.captured`.
        :param job: id of the job (str).
        :param mountpoints: those of all drivers (list of bytes).
        :returns: list of {'driver', 'mountpoint', 'subvolume', 'read_only',
            'path'}: what of which mount will be seen at which path.
        """
        return []

    def take(self, planned):
        """Take the snapshots that were planned.

        :raises OSError: one could not be taken; :meth:`drop` removes the
            others.
        """

    def drop(self, job, mountpoints):
        """Remove whatever this driver has made for a job; again is harmless.

        :param mountpoints: where to look (set of bytes).
        :returns: paths of what was removed.
        """
        return []

    def room(self, mounts, share):
        """Look whether there is room for as long as snapshots are kept.

        :param share: percent of each file system that have to stay free.
        :returns: list of {'cause', 'hint'}.
        """
        return []
