# SPDX-License-Identifier: Apache-2.0
"""What the checks of all nodes together say about their cluster."""

SKEW = 30
"""Seconds by which clocks may differ; the checks themselves begin seconds
apart."""


def problems(found, named=(), missing=()):
    """Find what no node can see alone.

    :param found: mapping of node to the result of its verb ``check``.
    :param named: what is to be quiesced by the operator's own word (set of
        str).
    :param missing: names of further nodes of the target, which are silent;
        that these are out of their cluster is no problem.
    :returns: mapping of node to {cause, hint}.
    """
    bad = {}
    looks = [_unknown(found, named), _clocks(found),
             _offline(found, missing), _galera(found)]
    if missing:
        looks += [_at_work(found, missing), _brokers(found, missing)]
    for look in looks:
        for node, cause, hint in look:
            bad.setdefault(node, {'cause': cause, 'hint': hint})
    return bad


def _unknown(found, named):
    """A default may be missing everywhere; what was written down may not."""
    nowhere = set(named)
    for result in found.values():
        nowhere &= set(result.get('unknown', ()))
    for node in found if nowhere else ():
        yield (node, 'No node of the target knows what is to be quiesced as: '
               f'{", ".join(sorted(nowhere))}.',
               'Correct [quiesce] units.')


def _clocks(found):
    times = {node: result['time'] for node, result in found.items()}
    middle = sorted(times.values())[len(times) // 2] if times else 0
    for node, time in times.items():
        if abs(time - middle) > SKEW:
            yield (node, f'The clock of the node is {time - middle:+.0f} '
                   'seconds off those of the others.',
                   'Let it take the time from the same source.')


def _offline(found, missing):
    for node, result in found.items():
        offline = [member for member in _members(result, 'offline')
                   if not _among(member, missing)]
        if offline:
            yield (node, f'Pacemaker members are offline: '
                   f'{", ".join(offline)}.',
                   'Bring them back, so that all nodes are of one consistency '
                   'point.')


def _galera(found):
    members = {node: result['galera'] for node, result in found.items()
               if result.get('galera')}
    for node in found:
        if members and node not in members and len(found) > 1:
            yield (node, 'Galera does not answer on this node, and does on '
                   f'{", ".join(sorted(members))}.',
                   'Bring the member back first.')
    for node, member in members.items():
        if member['size'] < len(members):
            yield (node, f'Galera sees {member["size"]} members here, and '
                   f'{len(members)} run.',
                   'Bring the members into one cluster first.')


def _brokers(found, missing):
    """See that the brokers that are left are more than could be elsewhere:
    a node alone cannot, for RabbitMQ names those that run and no others."""
    running = {node: result['rabbitmq']['running']
               for node, result in found.items() if result.get('rabbitmq')}
    for node, seen in running.items():
        if len(seen) < len(running):
            yield (node, f'RabbitMQ sees {len(seen)} members here, and '
                   f'{len(running)} run.',
                   'Bring the members into one cluster first.')
        elif len(running) <= len(missing):
            yield (node, f'{len(running)} of {len(running) + len(missing)} '
                   'members of RabbitMQ are left, and that is no quorum.',
                   'Bring the missing members back first.')


def _at_work(found, missing):
    """A member that only this service cannot reach is not down: it goes on
    while the others are quiesced."""
    for node, result in found.items():
        online = [member for member in _members(result, 'online')
                  if _among(member, missing)]
        if online:
            yield (node, 'Members of Pacemaker are online that this service '
                   f'cannot reach: {", ".join(online)}.',
                   'Let the service reach them, or wait until Pacemaker knows '
                   'that they are down.')


def _members(result, state):
    return (result.get('pacemaker') or {}).get(state) or ()


def _among(member, nodes):
    """Tell whether a member of Pacemaker is one of some nodes, of which one
    may have a short name and the other a long one."""
    return any(member in (node, node.partition('.')[0])
               or member.partition('.')[0] == node for node in nodes)
