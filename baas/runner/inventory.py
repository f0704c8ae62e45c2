# SPDX-License-Identifier: Apache-2.0
"""The nodes of each target, as the Ansible inventory knows them."""
import dataclasses

from oslo_config import cfg

from baas.conf import targets as targets_conf
from baas import errors
from baas.runner import groups
from baas.runner import hosts
from baas.runner import inventory_files
from baas.runner import latest
from baas.runner import listing

InventoryError = listing.InventoryError

_KEEP = 30  # seconds; reading an inventory starts a process
_UNCHANGED = 300
"""Seconds for which an inventory is not read anew whose files are the same:
what it says of this machine may change."""
_PATIENCE = 5  # seconds
_DEFAULTS = (cfg.Locations.opt_default, cfg.Locations.set_default)
_listed = latest.Latest('inventory', _KEEP, _PATIENCE)
_latest = latest.Latest('inventory, for nodes', _KEEP, _PATIENCE)


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
    :ivar also: other targets that have it among their nodes, which is none
        that can be backed up.
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
    also: tuple = ()
    problem: tuple = None

    def is_called(self, nodeid):
        """Tell whether ``nodeid`` is any of the node's names."""
        return nodeid in (self.name, self.baremetal_uuid,
                          self.baremetal_name, self.instance_uuid)

    def is_of(self, target):
        """Tell whether a target has the node among its own."""
        return target == self.target or target in self.also

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
    found = tuple(node for node in _all(conf) if node.is_of(target))
    for node in found:
        node.demand()
    return found


def node(nodeid, conf=cfg.CONF):
    """Find a node for a job: see :func:`find`.

    :raises NodeUnusable: it has a problem, or is not the only one that is
        called so.
    """
    found = find(nodeid, conf)
    others = {one.name for one in nodes(conf=conf) if one.is_called(nodeid)}
    if len(others) > 1:
        raise NodeUnusable(
            reason=f'{nodeid} is a name of several nodes: '
                   f'{", ".join(sorted(others))}',
            remedy='Give each its own baremetal_uuid, baremetal_name and '
                   'instance_uuid in the inventory')
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


def absent_groups(conf=cfg.CONF):
    """Name groups of [targets] in which the inventory has no machine: those
    that the configuration names, and by default those of a target only where
    no other has a machine either.

    :returns: [(cause, hint)], sentences without their dots.
    :raises InventoryError: the inventory cannot be read.
    """
    path, found = str(conf.runner.inventory), listed(conf)
    absent = [(target, group) for target in targets_conf.TARGETS
              for group in conf.targets[target]
              # What only takes hosts away has none of its own.
              if group[:1] not in '&!' and not groups.chosen(found, [group])]
    if len(absent) < sum(len(conf.targets[target])
                         for target in targets_conf.TARGETS):
        absent = [(target, group) for target, group in absent
                  if conf.get_location(target, 'targets').location
                  not in _DEFAULTS]
    return [(f'The inventory {path} has no machine in group {group}, which '
             f'[targets] {target} names',
             'Write the group as the inventory has it; each job looks anew')
            for target, group in absent]


def listed(conf=cfg.CONF):
    """Give what the inventory has, as :func:`baas.runner.listing.listed`: as
    it was some time ago at most, and no longer once a file of it changes.

    :raises InventoryError: it cannot be read.
    """
    path = str(conf.runner.inventory)
    version = inventory_files.version(path)
    return _listed.get((path, version), lambda: listing.listed(path, conf),
                       _keep(version))


def _keep(version):
    return None if version is None else _UNCHANGED


def understood(found, conf):
    """Give what an inventory that has been read means, see :func:`nodes`.

    :param found: what :func:`baas.runner.listing.listed` has given.
    :raises InventoryError: templates in it cannot be resolved.
    """
    hostvars = found.get('_meta', {}).get('hostvars', {})
    of = {}
    for target in targets_conf.TARGETS:
        for name in groups.chosen(found, conf.targets[target]):
            of.setdefault(name, []).append(target)
    variables = {name: hostvars.get(name) or {} for name in of}
    awaited = {name: names for name, known in variables.items()
               if (names := hosts.templates(known))}
    values = (listing.resolved(str(conf.runner.inventory), awaited, conf)
              if awaited else {})
    return tuple(sorted(
        (_node(name, targets, hosts.Given(
            name, variables[name], awaited.get(name, ()),
            values.get(name)), conf)
         for name, targets in of.items()),
        key=lambda node: (node.target, node.name)))


def _all(conf):
    path = str(conf.runner.inventory)
    named = tuple(tuple(conf.targets[target])
                  for target in targets_conf.TARGETS)
    own = tuple(conf.targets.own_machine)
    version = inventory_files.version(path)
    return _latest.get(
        (path, version, named, own), lambda: understood(
            # What may be old already is not kept once more.
            listing.listed(path, conf) if version is None else listed(conf),
            conf), _keep(version))


def _node(name, targets, given, conf):
    own, (target, *also) = conf.targets.own_machine, targets
    try:
        if also:
            raise hosts.Problem(
                f'{name} is in the groups of {" and ".join(targets)}',
                'Let [targets] name groups that have no node in common: a '
                'machine is backed up with one target')
        known = given.resolve()
        found = Node(name, target, **hosts.fields(name, known))
        if target in own:
            hosts.demand_no_other(name, known)
    except hosts.Problem as problem:
        return Node(name, target, also=tuple(also),
                    problem=(problem.cause, problem.hint))
    by = hosts.own(name, known) if target not in own else None
    if by is None:
        return found
    return dataclasses.replace(found, problem=(
        f'{name} is the machine that the service itself runs on, by {by} of '
        'the inventory',
        f'Write the address of {name} as ansible_host, and no '
        'ansible_connection; only if the service does run on it, set '
        f'[targets] own_machine = {target}'))
