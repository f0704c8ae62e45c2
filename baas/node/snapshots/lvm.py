# SPDX-License-Identifier: Apache-2.0
"""Snapshots of LVM that keep what is overwritten in extents of their own."""
import os
import time

from baas.node.disks import lvm
from baas.node import errors
from baas.node.snapshots import base
from baas.node.system import command
from baas.node.system import syscalls

_OPTIONS = {'ext2': '', 'ext3': '', 'ext4': '', 'xfs': 'nouuid'}
"""How a snapshot is mounted. What its journal holds is put in order then, in
the snapshot: it is mounted read-only, but can be written to."""
_FOREIGN = 'cinder-volumes'
"""Groups that begin so hold the disks of other machines."""
_PATIENCE = 20
"""Seconds that something may take to let go of a snapshot."""


class Driver(base.Driver):
    """See :class:`base.Driver`."""

    name = 'lvm'

    def serves(self, mount):
        """See :class:`base.Driver`."""
        found = self._volume(mount)
        return found is not None and not (found['pool'] or found['snapshot'])

    def _volume(self, mount):
        """Give the volume of a mount that can have a snapshot, or None."""
        found = lvm.volume(mount['number'])
        if found is None or mount['fstype'] not in _OPTIONS or (
                found['group'].startswith(_FOREIGN)
                or not command.find('lvcreate')):
            return None
        return found

    def plan(self, mounts, job, mountpoints, options):
        """See :class:`base.Driver`."""
        planned = []
        extents = self._extents(mounts, options)
        for number, mount in enumerate(mounts):
            found = self._volume(mount)
            name = '%s/%s%s_%s_%d' % (
                found['group'], lvm.PREFIX, job.replace('-', '')[:32],
                self.name.replace('-', '_'), number)
            planned.append({
                'driver': self.name,
                'mountpoint': os.fsdecode(mount['mountpoint']),
                'subvolume': '', 'read_only': False,
                'path': '/dev/mapper/' + lvm.device(name),
                'fstype': mount['fstype'], 'volume': name,
                'origin': '%s/%s' % (found['group'], found['name']),
                'tag': _tag(job), 'pool': found['pool'],
                'extents': extents.get(mount['mountpoint'])})
        return planned

    def _extents(self, mounts, options):
        """Share out what a group has free, by the size of its volumes.

        A snapshot larger than its volume, with what it notes down of each
        piece, is of no use.

        :returns: {mount point: extents}.
        """
        shared = {}
        for group, facts, ours in self._grouped(mounts):
            room = facts['free'] * base.percent(
                options, 'lvm_use_percent') // 100
            total = sum(size for _, size in ours)
            for mount, size in ours:
                most = size * 102 // 100 // facts['extent'] + 2
                shared[mount['mountpoint']] = min(
                    most, room * size // total)
        return shared

    def _grouped(self, mounts):
        """Yield (group, its facts, [(mount, size of its volume)])."""
        sorted_out = {}
        for mount in mounts:
            found = self._volume(mount)
            sorted_out.setdefault(found['group'], []).append(
                (mount, found['size']))
        known = lvm.groups() if mounts else {}
        for group, ours in sorted(sorted_out.items()):
            yield group, known[group], ours

    def take(self, planned):
        """See :class:`base.Driver`.

        LVM takes one at a time; it writes down what was written before, and
        lets nothing be written until it is done. Nobody may freeze the file
        system for it: then it would wait for ever.
        """
        for one in planned:
            lvm.create(one['origin'], one['volume'].split('/')[1],
                       one['tag'], one['extents'])

    def show(self, one, target):
        """See :class:`base.Driver`."""
        syscalls.mount(os.fsencode(one['path']), target, one['fstype'],
                       _OPTIONS[one['fstype']])

    def drop(self, job, mountpoints):
        """See :class:`base.Driver`; thin snapshots as well."""
        if not lvm.is_used() or not command.find('lvs'):
            return []
        _wait_for_commands(_tag(job))
        dropped, until = [], time.monotonic() + _PATIENCE
        names = lvm.tagged(_tag(job))
        while names:
            for name in names:
                try:
                    lvm.remove(name, _tag(job))
                    dropped.append('/dev/' + name)
                except errors.NodeError:
                    if time.monotonic() >= until:
                        raise
                    time.sleep(0.2)
            names = lvm.tagged(_tag(job))
        lvm.leave()
        return dropped

    def room(self, mounts, options):
        """See :class:`base.Driver`."""
        problems = []
        least = base.percent(options, 'lvm_least_percent')
        shared = self._extents(mounts, options)
        for group, facts, ours in self._grouped(mounts):
            got = sum(shared[mount['mountpoint']] for mount, _ in ours)
            needed = sum(max(1, size * least // 100 // facts['extent'])
                         for _, size in ours)
            named = ', '.join(base.shown(mount) for mount, _ in ours)
            if not facts['whole']:
                problems.append({
                    'cause': 'The volume group %s of %s lacks disks or may '
                    'not be changed.' % (group, named),
                    'hint': 'Look at it with vgs and pvs.'})
            elif got < needed:
                problems.append({
                    'cause': 'The volume group %s gives %d MiB for snapshots '
                    'of %s, and %d MiB are needed.' % (
                        group, got * facts['extent'] >> 20, named,
                        needed * facts['extent'] >> 20),
                    'hint': 'Give it more free extents (see vgs), or change '
                    '[snapshot] lvm_use_percent or lvm_least_percent.'})
        return problems

    def watch(self, planned, options):
        """See :class:`base.Driver`."""
        most = 100 - base.percent(options, 'reserve_percent')
        problems = []
        for one in planned:
            used = lvm.snapshot_use(lvm.device(one['volume']))
            if used is None or used >= most:
                problems.append({
                    'cause': 'The snapshot of %s is %s.' % (
                        base.shown(one), 'spoilt or gone'
                        if used is None else '%d%% full' % used),
                    'hint': 'Leave more extents free in %s, or take the '
                    'backup when less is written.'
                    % one['volume'].split('/')[0]})
        return problems


def _tag(job):
    return 'baas-' + job


def _wait_for_commands(tag):
    """Let commands of LVM end that outlived the program that began them."""
    until = time.monotonic() + _PATIENCE
    while _is_at_work(os.fsencode(tag)):
        if time.monotonic() >= until:
            raise errors.NodeError(
                'LVM is still at work for this job.',
                'Look at the commands of LVM that run on this node.')
        time.sleep(0.05)


def _is_at_work(tag):
    for number in os.listdir('/proc'):
        if number.isdigit():
            try:
                with open('/proc/%s/cmdline' % number, 'rb') as handle:
                    words = handle.read().split(b'\0')
            except OSError:
                continue  # it has ended meanwhile
            if tag in words and b'--addtag' in words:
                return True
    return False
