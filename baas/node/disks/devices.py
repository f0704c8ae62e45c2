# SPDX-License-Identifier: Apache-2.0
"""The disks that this machine has now."""
import os
import re

from baas.node.disks import filesystems
from baas.node.disks import matching
from baas.node.system import command
from baas.node.system import sysfs

_BLOCK = '/sys/block'
_NUMBERS = '/sys/dev/block'
_VIRTUAL = re.compile('loop|ram|zram|dm-|md|sr|fd|nbd|mtd')


def present():
    """List all disks, as :mod:`baas.node.disks.matching` wants them."""
    return [one for one in (_disk(name) for name in names()) if one['size']]


def names(block=_BLOCK, nodes='/dev'):
    """Name what may be a disk, as the kernel does (sorted list of str).

    A path to a disk that the kernel hides, such as nvme0c0n1 of a drive with
    several controllers, is none, nor is what no node leads to.

    :param block: folder with one folder for each device.
    :param nodes: folder with the nodes of devices.
    """
    return sorted(name for name in os.listdir(block)
                  if not _VIRTUAL.match(name)
                  and sysfs.read(block, name, 'hidden') != '1'
                  and os.path.exists(os.path.join(
                      nodes, name.replace('!', '/'))))


def known():
    """List the disks of this machine as those of a backup."""
    keys = ('name', 'size', 'sector', 'wwn', 'serial', 'path', 'drivers',
            'partitions', 'marks')
    return [{'needed': matching.needed(one),
             **{key: one[key] for key in keys}} for one in present()]


def under(device):
    """Name the disks that a device lies on, whatever is between them.

    :param device: path, such as ``/dev/mapper/vg-root``.
    :returns: sorted list; [] for what is no device.
    """
    found, number = set(), _number(device)
    todo = [os.path.join(_NUMBERS, number)] if number else []
    while todo:
        folder = os.path.realpath(todo.pop())
        if os.path.exists(os.path.join(folder, 'partition')):
            folder = os.path.dirname(folder)
        slaves = os.path.join(folder, 'slaves')
        below = os.listdir(slaves) if os.path.isdir(slaves) else []
        todo += [os.path.join(slaves, one) for one in below]
        name = os.path.basename(folder)
        if not below and not _VIRTUAL.match(name):
            found.add('/dev/' + name.replace('!', '/'))
    return sorted(found)


def _disk(name):
    top = os.path.join(_BLOCK, name)
    told = _udev(name)
    parts = sorted(one for one in os.listdir(top)
                   if os.path.isfile(os.path.join(top, one, 'partition')))
    probed = [probe('/dev/' + one.replace('!', '/'))
              for one in [name] + parts]
    return {
        'name': '/dev/' + name.replace('!', '/'),
        'size': int(sysfs.read(top, 'size') or 0) * 512,
        'sector': int(sysfs.read(top, 'queue/logical_block_size') or 512),
        'wwn': told.get('ID_WWN_WITH_EXTENSION') or told.get('ID_WWN')
        or sysfs.read(top, 'wwid'),
        # For a SCSI disk the short one is the WWN once more.
        'serial': told.get('ID_SCSI_SERIAL') or told.get('ID_SERIAL_SHORT')
        or sysfs.read(top, 'serial') or sysfs.read(top, 'device/serial'),
        'path': told.get('ID_PATH', ''), 'drivers': _drivers(name),
        'removable': sysfs.read(top, 'removable') == '1'
        or told.get('ID_BUS') == 'usb',
        'read_only': sysfs.read(top, 'ro') == '1',
        'partitions': [[512 * int(sysfs.read(top, one + '/' + what))
                        for what in ('start', 'size')] for one in parts],
        'marks': sorted({matching.mark(one['UUID']) for one in probed
                         if one and 'UUID' in one}),
        'blank': not parts and _unused(probed[0]),
        'content': not all(_unused(one) for one in probed),
        'used': _used(top, parts)}


def _drivers(name):
    """Name the drivers that stand between the kernel and a disk (sorted)."""
    found = set()
    folder = os.path.realpath(os.path.join(_BLOCK, name, 'device'))
    while folder.startswith('/sys/devices/'):
        driver = os.path.join(folder, 'driver')
        if os.path.islink(driver):
            found.add(os.path.basename(os.path.realpath(driver)))
        folder = os.path.dirname(folder)
    return sorted(found)


def _udev(name):
    _, out, _ = command.attempt(['udevadm', 'info', '--query=property',
                                 '--path=' + os.path.join(_BLOCK, name)], 30)
    return dict(line.split('=', 1) for line in out.splitlines()
                if '=' in line)


def probe(path):
    """Look at a device itself, past all that was noted of it earlier.

    :param path: its node.
    :returns: what blkid says of it (dict); None when it cannot tell.
    """
    status, out, _ = command.attempt(
        ['blkid', '-p', '-o', 'export', path], 60)
    if status not in (0, 2) or (status == 2 and not _readable(path)):
        return None
    return dict(line.split('=', 1) for line in out.splitlines()
                if '=' in line)


def _readable(path):
    # Nothing found and nothing read have the same exit status.
    try:
        with open(path, 'rb') as handle:
            return bool(handle.read(4096))
    except OSError:
        return False


def _unused(probed):
    """Tell whether a device is known to have nothing on it (bool)."""
    return probed is not None and 'TYPE' not in probed


def _used(top, parts):
    """Tell what a disk is used for, on whatever lies upon it ('' if not)."""
    numbers = set()
    for one in [''] + parts:
        _gather(os.path.join(top, one), numbers)
    for mount in filesystems.mounts():
        # A file system of several devices has a number of its own.
        if mount['number'] in numbers or _number(mount['device']) in numbers:
            return os.fsdecode(mount['mountpoint'])
    with open('/proc/swaps') as handle:
        swaps = [line.split()[0] for line in handle.readlines()[1:]]
    for path in swaps:  # pragma: no cover - no swap here
        if _number(path) in numbers:
            return 'swap'
    return ''


def _gather(folder, numbers):
    numbers.add(sysfs.read(folder, 'dev'))
    holders = os.path.join(folder, 'holders')
    for one in os.listdir(holders) if os.path.isdir(holders) else []:
        _gather(os.path.join(holders, one), numbers)


def _number(path):
    try:
        device = os.stat(path).st_rdev
    except OSError:
        return None
    return '%d:%d' % (os.major(device), os.minor(device))
