# SPDX-License-Identifier: Apache-2.0
"""Disks and network cards of a machine, as an inspection by the Bare Metal
service has found them. What is in an inventory:
https://docs.openstack.org/ironic-python-agent/latest/."""

_BY_PATH = '/dev/disk/by-path/'


def disks(inventory):
    """List the disks of an inventory.

    :param inventory: as the Bare Metal service gives it (dict).
    :returns: see :meth:`baas.boot.base.Boot.disks`; None when it does not
        tell of disks.
    """
    return [_disk(one) for one in inventory.get('disks') or ()] or None


def cards(inventory):
    """List the network cards of an inventory.

    :param inventory: as the Bare Metal service gives it (dict).
    :returns: see :meth:`baas.boot.base.Boot.cards`; None when it does not
        tell of any.
    """
    return [{'name': one.get('name') or '',
             'mac': one['mac_address'].lower(),
             'slot': one.get('pci_address') or ''}
            for one in inventory.get('interfaces') or ()
            if one.get('mac_address')] or None


def _disk(one):
    path = one.get('by_path') or ''
    return {
        'name': one['name'], 'size': one['size'],
        'sector': one.get('logical_sectors'),
        'wwn': one.get('wwn_with_extension') or one.get('wwn') or '',
        'serial': one.get('serial') or '',
        'path': path.removeprefix(_BY_PATH), 'drivers': [],
        'removable': one.get('tran') == 'usb', 'read_only': False,
        'partitions': [], 'marks': [], 'blank': None, 'content': False,
        'used': ''}
