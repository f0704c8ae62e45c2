# SPDX-License-Identifier: Apache-2.0
"""Which disk of a machine takes the place of which disk of a backup.

Nothing is looked at in here, so that a plan of a restore can ask the same as
the rescue system. A disk is a dict:

name: device, such as ``/dev/sda``.
size, sector: bytes of all of it, and of a logical sector.
wwn, serial, path: what it is known by; '' when that is not known.
drivers: names of those that the kernel needs for it; [] when not known.
marks: identifiers of the file systems, physical volumes and arrays on it.
partitions: list of [start, size] in bytes.

Of a backup also needed: bytes that it must have. Of a machine also blank
(bool, None when that is not known), content (bool: something is on it or its
partitions, with or without a mark), removable, read_only (bool), and used:
what it is used for now, or ''. A sector of None is not known, and fits.

What is neither blank nor of the backup is taken on a number alone, and only
if nothing else that is known of the disk contradicts it.
"""
import re

from baas.node.disks import numbers
from baas.node.disks import witness
from baas.node import errors

_HINT = ('Leave only the disks of the node in the machine, or give the right '
         'one the serial number or the place that the old one had.')
_BLANK = ('If %s is meant to be overwritten, clear it first, such as by '
          'wipefs --all in the rescue system; nothing was written.')
_PROVIDED = ', if it is blank or holds what is of the backup'
_END = 1 << 20  # what a partition table has at the end of a disk, and more


def choose(wanted, present, known=()):
    """Find the disk for each disk of a backup, by identity and not by order.

    In this order: the same WWN or serial number; what the disk holds, which
    is of the backup when a restore is begun again; the same place; the size.
    A number that is none, that several disks have, or that another number
    contradicts says nothing. By place and size a disk is only taken that is
    blank or holds what is of the backup.

    :param wanted: disks of the backup that are made anew (list of dict).
    :param present: disks of the machine (list of dict).
    :param known: all disks that the node of the backup had (list of dict).
    :returns: list of {'from', 'to': names, 'size', 'needed': bytes, 'why'}
        in the order of wanted.
    :raises errors.NodeError: there is none, or more than one, for a disk.
    """
    search = _Search(wanted, present, known)
    for what in numbers.WORDS:
        search.by_number(what)
    search.by_marks()
    search.by_path()
    search.by_size()
    return [search.found[disk['name']] for disk in wanted]


def left_alone(chosen, present):
    """Name the disks that are not written (sorted list of str)."""
    taken = {one['to'] for one in chosen}
    return sorted(disk['name'] for disk in present
                  if disk['name'] not in taken)


def boot_as_before(chosen, wanted, present):
    """Tell whether the initrd that booted the node finds its disks again:
    they have the same names, and need the same drivers.

    :param chosen: as of :func:`choose`, of wanted and present.
    """
    old = {disk['name']: disk['drivers'] for disk in wanted}
    new = {disk['name']: disk['drivers'] for disk in present}
    return all(one['from'] == one['to'] and old[one['from']]
               and old[one['from']] == new[one['to']] for one in chosen)


def is_own(disk, wanted):
    """Tell whether what a disk holds is of the backup: one of its file
    systems, or nothing but partitions that it makes."""
    return any(set(disk['marks']) & set(one['marks'])
               or _begun(disk, one) for one in wanted)


def _begun(disk, wanted):
    parts = [tuple(part) for part in disk['partitions']]
    return bool(parts) and not disk['marks'] and not disk.get(
        'content') and set(parts) <= {
            tuple(part) for part in wanted['partitions']}


class _Search:
    def __init__(self, wanted, present, known):
        self.found = {}
        self._wanted = list(wanted)
        self._all = list(wanted)
        self._free = [disk for disk in present
                      if not witness.unfit(disk)]
        self._seen = present
        names = {disk['name'] for disk in wanted}
        self._witnesses = witness.Witnesses(
            self._all + [disk for disk in known or ()
                         if disk['name'] not in names], present)

    def by_number(self, what):
        """Take disks that have the same number, a WWN or a serial.

        :param what: which of the two, as a disk has it (str).
        :raises errors.NodeError: one has it, and does not fit.
        """
        for disk in list(self._wanted):
            for one in [one for one in self._free
                        if self._witnesses.same(what, disk, one)]:
                # It may still be taken for what it holds or where it is.
                if self._witnesses.doubt(disk, one):
                    continue
                against = self._witnesses.against(disk, one)
                if against and not self._may_take(one):
                    continue
                self._demand(disk, one)
                why = 'the same ' + ' and '.join(
                    self._witnesses.matching(disk, one))
                self._take(disk, one, why, provided=bool(against))

    def by_marks(self):
        """Take disks that hold what is of the backup."""
        for disk in list(self._wanted):
            others = {mark for one in self._all if one is not disk
                      for mark in one['marks']}
            own = set(disk['marks']) - others
            self._take_only(disk, [one for one in self._free
                                   if own & set(one['marks'])],
                            'what is on it is of the backup')

    def by_path(self):
        """Take blank disks in the same place of the machine."""
        for disk in list(self._wanted):
            same = [one for one in self._free if disk.get('path')
                    and one.get('path') == disk['path']]
            # What somebody else keeps in this place is not ours to take.
            self._take_only(disk, [
                one for one in same if self._may_take(one)
                and witness.misfit(disk, one) is None], 'the same place')

    def by_size(self):
        """Take blank disks of the same size, in the order of their names.

        :raises errors.NodeError: there are more of them than are wanted.
        """
        for size in sorted({disk['size'] for disk in self._wanted}):
            asked = [disk for disk in self._wanted if disk['size'] == size]
            there = [one for one in self._free if one['size'] == size
                     and self._may_take(one)
                     and witness.misfit(asked[0], one) is None]
            if len(there) > len(asked):
                raise _ambiguous(asked[0], there)
            if len(there) == len(asked):
                for disk, one in zip(_sorted(asked), _sorted(there)):
                    self._take(disk, one, 'the same size')
        self._larger()

    def _larger(self):
        """Give the rest disks of other sizes, where there is no choice."""
        asked = sorted(self._wanted, key=lambda disk: disk['needed'])
        there = sorted((one for one in self._free if self._may_take(one)),
                       key=lambda one: one['size'])
        fitting = [one for one in there if asked and witness.misfit(
            asked[0], one) is None]
        if len(fitting) > len(asked):
            raise _ambiguous(asked[0], fitting)
        for disk, one in zip(asked[::-1], fitting[::-1]):
            self._demand(disk, one)
            self._take(disk, one, 'the only one that is large enough')
        if self._wanted:
            raise self._none(self._wanted[0])

    def _take_only(self, disk, found, why):
        if len(found) > 1:
            raise _ambiguous(disk, found)
        if found:
            self._demand(disk, found[0])
            self._take(disk, found[0], why)

    def _take(self, disk, one, why, provided=True):
        """Note a choice.

        :param provided: whether it would not be made if the disk held
            something else.
        """
        if provided and one['blank'] is None:
            why += _PROVIDED
        self.found[disk['name']] = {
            'from': disk['name'], 'to': one['name'], 'why': why,
            'size': one['size'], 'needed': disk['needed']}
        self._wanted.remove(disk)
        self._free.remove(one)

    def _may_take(self, one):
        # What is not known is found out before anything is written.
        return one['blank'] is not False or is_own(one, self._all)

    def _demand(self, disk, one):
        reason = witness.misfit(disk, one)
        if reason:
            raise errors.NodeError('%s cannot take the place of %s: %s.' % (
                one['name'], disk['name'], reason), _HINT)

    def _none(self, disk):
        reasons, kept = [], []
        for one in self._seen:
            if one['name'] in [taken['to'] for taken in self.found.values()]:
                continue
            reason = witness.unfit(one) or witness.misfit(disk, one)
            if reason is None and not self._may_take(one):
                kept.append(one['name'])
                reason = ('it is not blank, and is not of this backup'
                          + self._witnesses.report(disk, one))
            reasons.append('%s: %s' % (one['name'], reason or 'in the way'))
        return errors.NodeError(
            'There is no disk for %s, which needs %d MiB (%s).' % (
                disk['name'], disk['needed'] >> 20,
                '; '.join(reasons) or 'the machine has none'),
            _BLANK % ' or '.join(kept) if kept
            else 'Put a blank disk of that size into the machine.')


def _ambiguous(disk, found):
    return errors.NodeError(
        'There is more than one disk for %s: %s.' % (
            disk['name'], ', '.join(one['name'] for one in _sorted(found))),
        _HINT)


def _sorted(found):
    """Sort by place, or by name with numbers as numbers."""
    return sorted(found, key=lambda disk: (disk.get('path') or '', [
        (part.isdigit(), int(part) if part.isdigit() else 0, part)
        for part in re.split(r'(\d+)', disk['name'])]))


def mark(uuid):
    """Write an identifier as it is compared: tools disagree on dashes."""
    return re.sub('[^0-9a-z]', '', uuid.lower())


def needed(disk):
    """Tell how many bytes a disk must have that takes the partitions of
    another; all that it has where there are none."""
    if not disk['partitions']:
        return disk['size']
    end = max(sum(part) for part in disk['partitions'])
    return min(disk['size'], end + _END)
