# SPDX-License-Identifier: Apache-2.0
"""How each file system of a node is held still while it is read.

A driver is chosen by what the file system is, never by configuration: what
can take snapshots does.
"""
import os

from baas.node import places
from baas.node.snapshots import btrfs
from baas.node.snapshots import none

LIVE = 'live'
"""What the boot loader reads: small, seldom written, compared before and
after instead of being held still."""
DRIVERS = (btrfs.Driver(), none.Driver())
"""All drivers; the last one takes what no other does."""
RESERVE = 5
"""Percent of a file system that stay free, unless the options say more."""
_BOOT = (b'boot', b'boot/efi', b'efi')


def name(mount):
    """Tell how a file system is held still: a driver's name, or ``live``."""
    inner = os.path.relpath(mount['mountpoint'], os.fsencode(places.TOP))
    if mount['fstype'] != btrfs.Driver.name and (
            inner in _BOOT or mount['fstype'] == 'vfat'):
        return LIVE
    return driver(mount).name


def driver(mount):
    """Choose the driver of a file system."""
    return next(one for one in DRIVERS if one.serves(mount))


def of(mounts):
    """Sort file systems by how they are held still.

    :param mounts: list as of :func:`baas.node.filesystems.captured`.
    :returns: {name: [mounts]}, with every name, ``live`` among them.
    """
    sorted_out = {one.name: [] for one in DRIVERS}
    sorted_out[LIVE] = []
    for mount in mounts:
        sorted_out[name(mount)].append(mount)
    return sorted_out
