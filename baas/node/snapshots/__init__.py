# SPDX-License-Identifier: Apache-2.0
"""How each file system of a node is held still while it is read.

A driver is chosen by what the file system is, never by configuration: what
can take snapshots does.
"""
import os

from baas.node.disks import filesystems
from baas.node import paths
from baas.node.snapshots import btrfs
from baas.node.snapshots import lvm
from baas.node.snapshots import lvm_thin
from baas.node.snapshots import none

LIVE = 'live'
"""What the boot loader reads: small, seldom written, compared before and
after instead of being held still."""
DRIVERS = (btrfs.Driver(), lvm_thin.Driver(), lvm.Driver(), none.Driver())
"""All drivers; the last one takes what no other does."""
_BOOT = (b'boot', b'boot/efi', b'efi')


def name(mount):
    """Tell how a file system is held still: a driver's name, or ``live``."""
    inner = os.path.relpath(mount['mountpoint'], os.fsencode(paths.TOP))
    found = driver(mount).name
    if found == none.Driver.name and (
            inner in _BOOT or mount['fstype'] == 'vfat'):
        return LIVE
    return found


def described(mount, **more):
    """Add to what :func:`filesystems.describe` tells how the file system is
    held still: ``snapshot``.

    :param more: further keys.
    """
    return dict(filesystems.describe(mount), snapshot=name(mount), **more)


def driver(mount):
    """Choose the driver of a file system."""
    return next(one for one in DRIVERS if one.serves(mount))


def planned(data):
    """Sort the snapshots of a journal by driver.

    :param data: the journal (dict).
    :returns: list of (driver, [what it has planned]).
    """
    return [(one, [kept for kept in data['snapshots']
                   if kept.get('driver', btrfs.Driver.name) == one.name])
            for one in DRIVERS]


def of(mounts):
    """Sort file systems by how they are held still.

    :param mounts: list as of :func:`baas.node.disks.filesystems.captured`.
    :returns: {name: [mounts]}, with every name, ``live`` among them.
    """
    sorted_out = {one.name: [] for one in DRIVERS}
    sorted_out[LIVE] = []
    for mount in mounts:
        sorted_out[name(mount)].append(mount)
    return sorted_out
