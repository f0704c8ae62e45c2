# SPDX-License-Identifier: Apache-2.0
"""What speaks for and against that a disk takes the place of another."""
from baas.node.disks import numbers


def unfit(one):
    """Tell why nothing may be written to a disk, or None."""
    if one['read_only']:
        return 'it is read-only'
    if one['removable']:
        return 'it is removable'
    if one['used']:
        return 'it is in use for %s' % one['used']
    return None


def misfit(disk, one):
    """Tell why a disk cannot take the place of another, or None."""
    if one['size'] < disk['needed']:
        return 'it has %d MiB and %d MiB are needed' % (
            one['size'] >> 20, -(-disk['needed'] >> 20))
    if _differ(disk, one, 'sector'):
        return 'its sectors have %s bytes in place of %d' % (
            one['sector'], disk['sector'])
    return None


class Witnesses:
    """What the disks of a backup and of a machine say of each other.

    :param known: all disks of the backup's node (list of dict).
    :param present: all disks of the machine (list of dict).
    """

    def __init__(self, known, present):
        self._known = known
        self._present = present
        self._repeated = {
            what: numbers.repeated(what, known)
            | numbers.repeated(what, present)
            for what in numbers.WORDS}

    def same(self, what, disk, one):
        """Tell whether a number says that these are the same disk (bool):
        no other disk of either side has it."""
        return (numbers.compare(what, disk, one) is True
                and numbers.read(disk, what) not in self._repeated[what])

    def matching(self, disk, one):
        """Name the numbers by which these are the same disk (list of str)."""
        return [word for what, word in numbers.WORDS.items()
                if self.same(what, disk, one)]

    def doubt(self, disk, one):
        """Tell why a number does not make these the same disk: another one
        contradicts it (str), or None."""
        for what, word in numbers.WORDS.items():
            if numbers.compare(what, disk, one) is False:
                return 'its %s is %s in place of %s' % (
                    word, one[what], disk[what])
        for other in self._known:
            if other['name'] != disk['name'] and self.matching(other, one):
                return 'it has the %s of %s' % (
                    self.matching(other, one)[0], other['name'])
        return None

    def against(self, disk, one):
        """Tell what contradicts that these are the same disk, such that what
        is on it must not be lost (str), or None."""
        doubt = self.doubt(disk, one)
        if doubt:
            return doubt
        if disk['size'] != one['size']:
            return 'its size is %d bytes in place of %d' % (
                one['size'], disk['size'])
        if _differ(disk, one, 'sector'):
            return misfit(disk, one)
        # A disk may have moved if two numbers say that it is the same.
        if len(self.matching(disk, one)) < 2 and _differ(disk, one, 'path'):
            return 'its place is %s in place of %s' % (
                one['path'], disk['path'])
        return None

    def report(self, disk, one):
        """Say what matches and what contradicts ('' where nothing does)."""
        alike = [(what, word) for what, word in numbers.WORDS.items()
                 if disk.get(what) and disk[what] == one.get(what)]
        if not alike:
            return ''
        what, word = alike[0]
        if not self.matching(disk, one):
            reason = 'which does not tell disks apart'
            if numbers.read(disk, what) in self._repeated[what]:
                reason = 'which more than one disk has'
            return '; its %s %s is the same, %s' % (word, one[what], reason)
        return '; its %s is the same, but %s' % (
            self.matching(disk, one)[0],
            self.against(disk, one) or 'it was taken for another one')


def _differ(disk, one, what):
    return bool(disk.get(what) and one.get(what)
                and disk[what] != one[what])
