# SPDX-License-Identifier: Apache-2.0
"""Which member of a Galera cluster starts it when none of them runs."""


def first(positions):
    """Choose the member that has seen the most transactions.

    :param positions: mapping of node to {uuid, seqno, safe (bool: it was
        the last to stop)}, or None where nobody has to be chosen.
    :returns: name of the node, or None.
    """
    members = _members(positions)
    if not members:
        return None
    return max(sorted(members), key=lambda node: (
        members[node]['seqno'], members[node]['safe']))


def problems(positions):
    """Find why no member may be chosen.

    :param positions: see :func:`first`.
    :returns: mapping of node to {cause, hint}.
    """
    members = _members(positions)
    if len({found['uuid'] for found in members.values()}) < 2:
        return {}
    chosen = first(positions)
    right = members[chosen]['uuid']
    return {node: _foreign(found['uuid'], chosen, right)
            for node, found in members.items() if found['uuid'] != right}


def _foreign(uuid, chosen, right):
    return {'cause': f'The database of this node is of another cluster '
                     f'({uuid}) than that of {chosen} ({right}).',
            'hint': 'Find out which of them has the right data, start Galera '
                    'from that one by hand, and let the others join.'}


def _members(positions):
    return {node: found for node, found in positions.items() if found}
