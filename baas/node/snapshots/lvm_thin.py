# SPDX-License-Identifier: Apache-2.0
"""Snapshots of LVM that share a thin pool with their volume."""
from baas.node.disks import lvm
from baas.node.snapshots import base
from baas.node.snapshots import lvm as plain


class Driver(plain.Driver):
    """See :class:`base.Driver`. What it makes, that of ``lvm`` drops."""

    name = 'lvm-thin'

    def serves(self, mount):
        """See :class:`base.Driver`."""
        found = self._volume(mount)
        return found is not None and found['pool'] is not None

    def _extents(self, mounts, options):
        return {}  # it takes none of its group

    def show(self, one, target):  # pragma: no cover - tools/test machine
        """See :class:`base.Driver`.

        The device appears only now. After a reboot it does not: nothing may
        take it for the volume that it resembles.
        """
        lvm.activate(one['volume'])
        super().show(one, target)

    def drop(self, job, mountpoints):
        """See :class:`base.Driver`."""
        return []

    def room(self, mounts, options):
        """See :class:`base.Driver`."""
        return self.strain([dict(
            mount, pool=self._volume(mount)['pool']) for mount in mounts],
            options)

    def strain(self, planned, options):
        """See :class:`base.Driver`."""
        free = base.percent(options, 'reserve_percent')
        problems = []
        for pool in sorted({one['pool'] for one in planned}):
            named = ', '.join(base.shown(one) for one in planned
                              if one['pool'] == pool)
            used = lvm.pool_use(pool)
            if used is None:
                problems.append({
                    'cause': 'The thin pool %s of %s cannot be written to.'
                    % (pool, named), 'hint': 'Look at it with lvs -a.'})
            for what, percent in zip(('data', 'metadata'), used or ()):
                if percent > 100 - free:
                    problems.append({
                        'cause': 'The thin pool %s of %s has %d%% of its %s '
                        'free, and %d%% have to stay free.' % (
                            pool, named, 100 - percent, what, free),
                        'hint': 'Extend it with lvextend, or lower '
                        '[snapshot] reserve_percent.'})
        return problems

    def watch(self, planned, options):
        """See :class:`base.Driver`."""
        return self.strain(planned, options)
