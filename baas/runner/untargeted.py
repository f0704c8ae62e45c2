# SPDX-License-Identifier: Apache-2.0
"""Machines of the inventory that belong to no target."""
from oslo_config import cfg

from baas.runner import inventory

_NO_GROUPS = ('_meta', 'all', 'ungrouped')


def machines(conf=cfg.CONF):
    """Name the machines that no target has.

    :returns: {name: [groups that list it]}, the groups sorted.
    :raises baas.runner.listing.InventoryError: the inventory cannot be read.
    """
    groups = _groups(inventory.listed(conf))
    known = {node.name for node in inventory.nodes(conf=conf)}
    return {name: sorted(found) for name, found in sorted(groups.items())
            if name not in known}


def _groups(listed):
    found = {name: [] for name in listed.get('_meta', {}).get(
        'hostvars', {})}
    for group, entry in listed.items():
        for name in entry.get('hosts', ()) if group != '_meta' else ():
            found.setdefault(name, [])
            if group not in _NO_GROUPS:
                found[name].append(group)
    return found
