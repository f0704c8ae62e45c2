# SPDX-License-Identifier: Apache-2.0
"""What one does to the machine: make it, switch it, lose its disks."""
import json
import shutil

from baremetal_lab import domain
from baremetal_lab import guest
from baremetal_lab import image
from baremetal_lab import kvm
from baremetal_lab import libvirt
from baremetal_lab import places
from container_lab import cluster
from container_lab import disk
from container_lab import running

UNITS = {'M': 1 << 20, 'G': 1 << 30}


def make(firmware, extra, secrets, alone):
    """Give the machine a disk with a system, and define it.

    :param firmware: ``bios`` or ``uefi``.
    :param extra: sizes of further, blank disks (list of int, bytes).
    :param secrets: those of its cluster.
    :param alone: whether it is the only member of its cluster.
    """
    running.progress('making the disk of this machine')
    places.MACHINE.mkdir(parents=True, exist_ok=True)
    running.run('cp', '--sparse=always', '--reflink=auto', image.path(),
                places.disk(0))
    guest.write(places.disk(0), secrets, alone)
    for number, size in enumerate(extra, 1):
        disk.blank(places.disk(number), size)
    domain.forget_firmware()
    _define(firmware, 1 + len(extra))


def wreck(sizes, board=1):
    """Cut its power and put blank disks in the place of its own.

    :param sizes: of each disk (list of int, bytes); as it was if empty.
    :param board: 2 puts them into a machine with other network cards.
    """
    firmware = settings()['firmware']
    libvirt.power_off()
    old = sorted(places.MACHINE.glob('disk-*.img'))
    sizes = sizes or [image.stat().st_size for image in old]
    for one in old:
        one.unlink()
    for number, size in enumerate(sizes):
        disk.blank(places.disk(number), size)
    domain.forget_firmware()
    libvirt.undefine()
    _define(firmware, len(sizes), board)
    return sizes


def insert(medium):
    """Put an ISO image into a drive, from which it boots when its disks are
    blank; wrecking the machine takes the drive away.

    :param medium: path of the image (:class:`pathlib.Path`).
    """
    libvirt.power_off()
    _define(**settings(), medium=medium.absolute())


def wait_for_login(seconds=300):
    """Wait until the system of the machine can be logged in to."""
    running.wait_for(
        f'a login to {places.NODE.name}',
        lambda: cluster.answers(places.NODE), seconds,
        f'see {places.CONSOLE_LOG}', 1)


def settings():
    """Give how the machine was made (dict: ``firmware``, ``disks``,
    ``board``).

    :raises: :class:`container_lab.running.LabError` if there is none.
    """
    try:
        return json.loads(places.SETTINGS.read_text())
    except FileNotFoundError:
        raise running.LabError(
            'there is no machine',
            'make one with `tools/lab-baremetal up`') from None


def remove():
    """Take its disks and all that is known of it away."""
    libvirt.undefine()
    shutil.rmtree(places.MACHINE, ignore_errors=True)


def size(text):
    """Read a size such as ``12G`` or ``512M``; give bytes."""
    unit = UNITS.get(text[-1:])
    if not unit or not text[:-1].isdigit() or not int(text[:-1]):
        raise running.LabError(f'{text} is no size of a disk',
                               'write it like 12G or 512M')
    return int(text[:-1]) * unit


def _define(firmware, disks, board=1, medium=None):
    places.SETTINGS.write_text(json.dumps(
        {'firmware': firmware, 'disks': disks, 'board': board}))
    libvirt.define(domain.text(firmware, disks, kvm.works(), board, medium))
