# SPDX-License-Identifier: Apache-2.0
"""The disks of a machine, as an inspection by the Bare Metal service has
found them; https://docs.openstack.org/ironic-python-agent/latest/ says what
is in an inventory."""

_BY_PATH = '/dev/disk/by-path/'


def of(inventory):
    """List the disks of an inventory.

    :param inventory: as the Bare Metal service gives it (dict).
    :returns: see :meth:`baas.boot.base.Boot.disks`; None when it does not
        tell of disks.
    """
    return [_disk(one) for one in inventory.get('disks') or ()] or None


def _disk(one):
    path = one.get('by_path') or ''
    return {
        'name': one['name'], 'size': one['size'],
        'sector': one.get('logical_sectors'),
        'wwn': one.get('wwn_with_extension') or one.get('wwn') or '',
        'serial': one.get('serial') or '',
        'path': path.removeprefix(_BY_PATH), 'drivers': [],
        'removable': one.get('tran') == 'usb', 'read_only': False,
        'partitions': [], 'marks': [], 'blank': True, 'used': ''}
