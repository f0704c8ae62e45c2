# SPDX-License-Identifier: Apache-2.0
"""The nodes of each target, as the Ansible inventory knows them."""
import dataclasses
import tempfile
import threading
import time

import ansible_runner
from oslo_config import cfg

from baas.conf import targets as targets_conf
from baas import errors

_KEEP = 30  # seconds; reading an inventory starts a process
_lock = threading.Lock()
_read = {'path': None, 'time': 0.0, 'nodes': ()}


class InventoryError(errors.ConfigurationError):
    """The inventory cannot be read."""
    code = 503
    faultcode = 'baas.inventory.unreadable'
    title = 'Inventory unreadable'


@dataclasses.dataclass(frozen=True)
class Node:
    """One machine of a target.

    :ivar name: inventory name.
    :ivar target: ``undercloud`` or ``overcloud``.
    :ivar baremetal_uuid: its UUID in the Bare Metal service, or None.
    :ivar baremetal_name: its name in the Bare Metal service, or None.
    :ivar instance_uuid: UUID of the instance deployed on it, or None.
    :ivar address: address that Ansible reaches it at.
    :ivar port: port of its SSH server.
    :ivar macs: MAC addresses of the network cards that it may boot from.
    """
    name: str
    target: str
    baremetal_uuid: str = None
    baremetal_name: str = None
    instance_uuid: str = None
    address: str = None
    port: int = 22
    macs: tuple = ()

    def is_called(self, nodeid):
        """Tell whether ``nodeid`` is any of the node's names."""
        return nodeid in (self.name, self.baremetal_uuid,
                          self.baremetal_name, self.instance_uuid)


def nodes(target=None, conf=cfg.CONF):
    """List the nodes of a target, or of all, sorted by target and name.

    :raises InventoryError: the inventory cannot be read.
    """
    with _lock:
        path, now = conf.runner.inventory, time.monotonic()
        if path != _read['path'] or now - _read['time'] > _KEEP:
            found = _nodes(_ask(path), conf)
            _read.update(path=path, time=now, nodes=found)
        found = _read['nodes']
    return tuple(node for node in found if target in (None, node.target))


def node(nodeid, conf=cfg.CONF):
    """Find a node by its inventory name, bare metal UUID or name, or the
    UUID of its instance.

    :raises NotFound: no node of any target is called so.
    """
    for candidate in nodes(conf=conf):
        if candidate.is_called(nodeid):
            return candidate
    raise errors.NotFound(noun='node', id=nodeid)


def _ask(path):
    try:
        with open(path, 'rb'):
            pass
    except IsADirectoryError:
        pass
    except OSError as error:
        raise InventoryError(
            reason=f'The inventory {path} cannot be read: {error.strerror}',
            remedy='Set [runner] inventory to the inventory of the control '
                   'plane, and make it readable for the service')
    with tempfile.TemporaryDirectory(prefix='baas-inventory-') as folder:
        try:
            found, said = ansible_runner.get_inventory(
                action='list', inventories=[str(path)], quiet=True,
                response_format='json', private_data_dir=folder)
        except (ValueError, TypeError) as error:
            found, said = None, str(error)
    if not isinstance(found, dict):
        raise InventoryError(
            reason=f'Ansible does not understand the inventory {path}: '
                   f'{said.strip()[-300:]}',
            remedy='Correct it until "ansible-inventory --list" reads it')
    return found


def _nodes(inventory, conf):
    variables = inventory.get('_meta', {}).get('hostvars', {})
    found = {}
    for option in targets_conf.OPTS:
        for group in conf.targets[option.name]:
            for name in _members(inventory, group, set()):
                known = variables.get(name, {})
                found[name] = Node(
                    name=name, target=option.name,
                    address=known.get('ansible_host', name),
                    port=int(known.get('ansible_port', 22)),
                    macs=_words(known.get('baremetal_macs')),
                    **{key: known.get(key) for key in (
                        'baremetal_uuid', 'baremetal_name',
                        'instance_uuid')})
    return tuple(sorted(found.values(), key=lambda n: (n.target, n.name)))


def _words(value):
    """Read a list, or words in one line as INI inventories have them."""
    if isinstance(value, str):
        value = value.replace(',', ' ').split()
    return tuple(map(str, value or ()))


def _members(inventory, group, seen):
    if group in seen:
        return
    seen.add(group)
    entry = inventory.get(group, {})
    yield from entry.get('hosts', ())
    for child in entry.get('children', ()):
        yield from _members(inventory, child, seen)
