# SPDX-License-Identifier: Apache-2.0
"""The nodes of each target, as the Ansible inventory knows them."""
import dataclasses

from oslo_config import cfg

from baas.conf import targets as targets_conf
from baas import errors
from baas.runner import hosts
from baas.runner import latest
from baas.runner import listing

InventoryError = listing.InventoryError

_KEEP = 30  # seconds; reading an inventory starts a process
_PATIENCE = 5  # seconds
_latest = latest.Latest('inventory', _KEEP, _PATIENCE)


class NodeUnusable(errors.Conflict):
    """What the inventory says of a node is not usable, or unsafe: 409."""
    faultcode = 'baas.inventory.node_unusable'
    title = 'Node unusable'


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
    :ivar problem: why no job may touch it: (cause, hint) without their dots;
        None when nothing is in the way.
    """
    name: str
    target: str
    baremetal_uuid: str = None
    baremetal_name: str = None
    instance_uuid: str = None
    address: str = None
    port: int = 22
    macs: tuple = ()
    problem: tuple = None

    def is_called(self, nodeid):
        """Tell whether ``nodeid`` is any of the node's names."""
        return nodeid in (self.name, self.baremetal_uuid,
                          self.baremetal_name, self.instance_uuid)

    def demand(self):
        """Refuse the node if something is in the way of a job.

        :raises NodeUnusable: that is so.
        """
        if self.problem:
            raise NodeUnusable(reason=self.problem[0], remedy=self.problem[1])


def nodes(target=None, conf=cfg.CONF):
    """List the nodes of a target, for a job; or of all, to look at.

    :param target: ``undercloud`` or ``overcloud``; None for all nodes, those
        with a problem as well.
    :returns: tuple of :class:`Node`, sorted by target and name.
    :raises InventoryError: the inventory cannot be read.
    :raises NodeUnusable: a node of the target has a problem.
    """
    if target is None:
        return _all(conf)
    found = tuple(node for node in _all(conf) if node.target == target)
    for node in found:
        node.demand()
    return found


def node(nodeid, conf=cfg.CONF):
    """Find a node for a job: see :func:`find`.

    :raises NodeUnusable: it has a problem.
    """
    found = find(nodeid, conf)
    found.demand()
    return found


def find(nodeid, conf=cfg.CONF):
    """Find a node by its inventory name, bare metal UUID or name, or the
    UUID of its instance.

    :raises InventoryError: the inventory cannot be read.
    :raises NotFound: no node of any target is called so.
    """
    for candidate in nodes(conf=conf):
        if candidate.is_called(nodeid):
            return candidate
    raise errors.NotFound(noun='node', id=nodeid)


def _all(conf):
    path = str(conf.runner.inventory)
    groups = tuple((target, tuple(conf.targets[target]))
                   for target in targets_conf.TARGETS)
    own = tuple(conf.targets.own_machine)
    return _latest.get((path, groups, own),
                       lambda: _read(path, groups, own, conf))


def _read(path, groups, own, conf):
    found = listing.listed(path, conf)
    hostvars = found.get('_meta', {}).get('hostvars', {})
    targets = {name: target for target, names in groups for group in names
               for name in _members(found, group, set())}
    variables = {name: hostvars.get(name) or {} for name in targets}
    awaited = {name: names for name, known in variables.items()
               if (names := hosts.templates(known))}
    values = listing.resolved(path, awaited, conf) if awaited else {}
    return tuple(sorted(
        (_node(name, target, variables[name], awaited.get(name, ()),
               values.get(name, 'Ansible does not say why'), own)
         for name, target in targets.items()),
        key=lambda node: (node.target, node.name)))


def _node(name, target, variables, awaited, values, own):
    try:
        known = hosts.resolve(name, variables, awaited, values)
        found = Node(name, target, **hosts.fields(name, known))
    except hosts.Problem as problem:
        return Node(name, target, problem=(problem.cause, problem.hint))
    by = hosts.own(name, known) if target not in own else None
    if by is None:
        return found
    return dataclasses.replace(found, problem=(
        f'{name} is the machine that the service itself runs on, by {by} of '
        'the inventory',
        f'Write the address of {name} as ansible_host, and no '
        'ansible_connection; only if the service does run on it, set '
        f'[targets] own_machine = {target}'))


def _members(inventory, group, seen):
    if group in seen:
        return
    seen.add(group)
    entry = inventory.get(group, {})
    yield from entry.get('hosts', ())
    for child in entry.get('children', ()):
        yield from _members(inventory, child, seen)
