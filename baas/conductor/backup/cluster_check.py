# SPDX-License-Identifier: Apache-2.0
"""What the checks of all nodes together say about their cluster."""

SKEW = 30
"""Seconds by which clocks may differ; the checks themselves begin seconds
apart."""


def problems(found, named=()):
    """Find what no node can see alone.

    :param found: mapping of node to the result of its verb ``check``.
    :param named: what is to be quiesced by the operator's own word (set of
        str).
    :returns: mapping of node to {cause, hint}.
    """
    bad = {}
    for node, cause, hint in _unknown(found, named):
        bad[node] = {'cause': cause, 'hint': hint}
    for look in (_clocks, _offline, _galera):
        for node, cause, hint in look(found):
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


def _offline(found):
    for node, result in found.items():
        offline = (result.get('pacemaker') or {}).get('offline')
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
