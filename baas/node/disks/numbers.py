# SPDX-License-Identifier: Apache-2.0
"""What the numbers of disks are worth: which tell one disk from another.

A world wide name (WWN) or serial number identifies a disk only if its maker
has given it to this disk alone. Bridges from USB to SATA, RAID controllers,
emulators and cheap disks give zeros, words or counted-up digits to all, and
what stands for a number may be made out of another one.
"""
import collections
import re

WORDS = {'wwn': 'WWN', 'serial': 'serial number'}
"""What the numbers are called back a sentence."""
# Words that firmware, emulators and tools write where there is no number.
_FILLERS = frozenset((
    'none', 'null', 'nil', 'na', 'unknown', 'undefined', 'invalid', 'empty',
    'default', 'defaultstring', 'generic', 'notspecified', 'notavailable',
    'notapplicable', 'notpresent', 'notset', 'noserial', 'noserialnumber',
    'serial', 'serialno', 'serialnumber', 'systemserialnumber',
    'driveserialnumber', 'tobefilledbyoem', 'oem', 'test', 'usbdevice',
    'deadbeef', 'cafebabe'))
# QEMU counts its disks, or names them after their place.
_COUNTED = re.compile(r'qm\d{5}$|drive(scsi|virtio|ide|sata|ua)')
_RUNS = ['0123456789' * 4, '0123456789abcdef' * 3]
_RUNS += [run[::-1] for run in _RUNS]
_WWN = re.compile(r'(?:0x|naa\.)?([0-9a-f]{16}|[0-9a-f]{32})$')
_NAMESPACE = re.compile(r'(eui|uuid)\.([0-9a-f-]+)$')


def read(disk, what):
    """Give a number of a disk as it is compared, None when it has none that
    tells it from others.

    :param disk: as :mod:`baas.node.disks.matching` has them.
    :param what: key of :data:`WORDS`.
    """
    value = str(disk.get(what) or '').strip().lower()
    if what == 'wwn':
        return _wwn(value)
    number = _bare(value)
    world = _wwn(str(disk.get('wwn') or '').strip().lower())
    # Many SCSI disks are given their WWN for a serial number by udev.
    if len(number) < 4 or _is_filler(number) or (
            world and number.endswith(world[1])):
        return None
    return number


def compare(what, one, other):
    """Tell whether two disks have the same number.

    :returns: True, False, or None when that is not known.
    """
    first, second = read(one, what), read(other, what)
    if first is None or second is None:
        return None
    # What different kernels name in different ways cannot be compared.
    if what == 'wwn' and (first[0], len(first[1])) != (
            second[0], len(second[1])):
        return None
    return first == second


def repeated(what, disks):
    """List the numbers that several disks of one machine have (set)."""
    times = collections.Counter(read(disk, what) for disk in disks)
    return {number for number, count in times.items()
            if number is not None and count > 1}


def _wwn(value):
    """Split a WWN into (kind, digits). Those that the kernel puts together
    from maker, model and serial number say nothing new, and are None."""
    for kind, pattern in (('naa', _WWN), ('', _NAMESPACE)):
        match = pattern.match(value)
        if match:
            digits = _bare(match.group(match.lastindex))
            # Such as 5000000000000001, and what QEMU counts up.
            if _is_filler(digits) or len(digits.replace('0', '')) < 6:
                return None
            return (kind or match.group(1), digits)
    return None


def _bare(value):
    return re.sub('[^0-9a-z]', '', value)


def _is_filler(number):
    if not number or number in _FILLERS or _COUNTED.match(number):
        return True
    [(_, most)] = collections.Counter(number).most_common(1)
    if most >= len(number) - 1:
        return True  # such as 000000000000 or 0000000001
    # Such as 0123456789ABCDEF, 123456789012 or DB9876543214E.
    size = min(len(number), 8)
    return any(number[start:start + size] in run for run in _RUNS
               for start in range(len(number) - size + 1))
