# SPDX-License-Identifier: Apache-2.0
"""What is wrong with the nodes of a target together, and with the inventory
as a whole."""
from baas.runner import groups
from baas.runner import hosts
from baas.runner.review import finding
from baas.runner.review import openssh
from baas.runner.review import reach as reaching

_NOTHING = ('leave the option empty in [targets], "{target} =", where it is '
            'not to be backed up')


def findings(target, listed, nodes, conf):
    """Say what is wrong with a target.

    :param listed: what :func:`baas.runner.listing.listed` has given.
    :param nodes: of the target, as :func:`baas.runner.inventory.understood`
        gives them.
    :returns: list of :class:`baas.runner.review.finding.Finding`.
    """
    patterns = conf.targets[target]
    if not patterns:
        return [finding.Finding(
            f'Nothing is the {target}: [targets] {target} is empty',
            f'Name its groups if the {target} is to be backed up',
            is_wrong=False)]
    absent = groups.missing(listed, patterns)
    found = [finding.Finding(
        f'{name}, which [targets] {target} names, is no group of the '
        'inventory', f'Set [targets] {target} to groups of the inventory, or '
        + _NOTHING.format(target=target)) for name in absent]
    if not nodes and not absent:
        found.append(finding.Finding(
            f'{", ".join(patterns)}, which [targets] {target} names, has no '
            'hosts', 'Wait until the deployment has written them, and read '
            f'the newest inventory, or {_NOTHING.format(target=target)}'))
    if nodes:
        found += _empty(listed, patterns)
    return found + list(_stacks(target, listed, patterns))


def _empty(listed, patterns):
    """Name groups without hosts below those that are named as they are."""
    for group in patterns:
        seen, todo = {group}, list(_children(listed, group))
        while todo:
            child = todo.pop(0)
            if child not in seen:
                seen.add(child)
                todo += _children(listed, child)
                if not groups.members(listed, child):
                    yield finding.Finding(
                        f'The group {child}, below {group}, has no hosts',
                        f'Look at its name, unless {group} has all of its '
                        'hosts', is_wrong=False)


def _children(listed, group):
    return listed.get(group, {}).get('children', ())


def _stacks(target, listed, patterns):
    for group, stacks in groups.halves(listed, patterns).items():
        names = sorted(stacks)
        yield finding.Finding(
            f'{group} has the nodes of several stacks: {", ".join(names)}',
            f'A target is one cluster: set [targets] {target} to the one of '
            f'this service, such as {names[0]}, and have a service with a '
            'storage path of its own for each other one')


def together(reached, conf):
    """Say what is wrong with nodes beside each other.

    :param reached: list of :class:`baas.runner.review.reach.Reach`.
    :returns: list of :class:`baas.runner.review.finding.Finding`.
    """
    usable = [one for one in reached if not one.node.problem]
    found, seen = [], {}
    for one in usable:
        for place in _places(one, conf):
            other = seen.setdefault(place, one.node.name)
            if other != one.node.name:
                found.append(finding.Finding(
                    f'{other} and {one.node.name} have one address: {place}',
                    'Give each node its own address, or remove one of the '
                    'two names'))
                break
    found += _nobody_is_own(usable, conf)
    names = {}
    for one in usable:
        for name in {one.node.name, *(getattr(one.node, field)
                                      for field in hosts.NAMES)} - {None}:
            other = names.setdefault(name, one.node.name)
            if other != one.node.name:
                found.append(finding.Finding(
                    f'{name} is a name of {other} and of {one.node.name}: a '
                    'restore would not know which is meant',
                    'Give each its own baremetal_uuid, baremetal_name and '
                    'instance_uuid'))
    return found


def _nobody_is_own(reached, conf):
    for target in conf.targets.own_machine:
        nodes = [one for one in reached if one.node.target == target]
        if nodes and not any(one.is_local or one.is_own for one in nodes):
            yield finding.Finding(
                f'[targets] own_machine names {target}, and none of its nodes '
                'is this machine', f'Take {target} off it', is_wrong=False)


def _places(reach, conf):
    """Give the places where a node is, each as a text that another has only
    if it is the same machine."""
    if reach.is_local:
        return ['this machine']
    try:
        way = openssh.ask(reach, conf)
    except openssh.NotUnderstood:
        return []
    if not way.is_direct:
        return []  # the same address may be another's elsewhere
    return [f'{address}, port {reach.node.port}'
            for address in reaching.addresses(way.host)]
