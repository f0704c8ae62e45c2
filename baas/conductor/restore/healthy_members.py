# SPDX-License-Identifier: Apache-2.0
"""Which of the nodes that are to be restored are healthy members of their
cluster."""

_KINDS = ('galera', 'pacemaker', 'rabbitmq')
_HINT = ('Turn it off first; or, if it is to be overwritten as it runs, say '
         'so with force=healthy-member.')


def refuse(checks, restored, *, already_rescued=False, forced=False):
    """Find the nodes for which the first step of a restore fails, for they
    must not be restored over unless its request says so in words.

    :param checks: mapping of each node that answers to the result of its
        verb ``check``.
    :param restored: mapping of each node that would be lost to the host names
        that it has beside that of the inventory.
    :param already_rescued: True when a rescue system runs on each of them.
    :param forced: True when the request says so.
    :returns: {node: {cause, hint}}, and lines for the log of the job as
        (level, node, sentence).
    """
    unanswered = unsure(checks, restored)
    bad = problems(checks, {node: {_short(node), *names}
                            for node, names in restored.items()},
                   restored if already_rescued else ())
    if not forced:
        return {**unanswered, **bad}, []
    return unanswered, [
        ('warning', node, f'{problem["cause"]} It is restored over all the '
                          f'same, as the request says.')
        for node, problem in bad.items()]


def problems(found, restored, rescued=()):
    """Find nodes that must not be restored over.

    RabbitMQ is asked on the node alone: the others go on for a minute to call
    one running that is dead. Pacemaker knows within seconds, which is later
    than a rescue system may run on the machine.

    :param found: mapping of each node that answers to the result of its verb
        ``check``.
    :param restored: mapping of each node that would be lost to the short host
        names that it may have.
    :param rescued: those on which a rescue system runs: nobody else does.
    :returns: mapping of node to {cause, hint}.
    """
    bad = {}
    for node, names in restored.items():
        why = _itself(found.get(node) or {})
        if node not in rescued:
            why = why or _others(names, {
                peer: check for peer, check in found.items()
                if peer not in restored})
        if why:
            bad[node] = {
                'cause': f'{node} is a healthy member of its cluster: {why}.',
                'hint': _HINT}
        elif node not in rescued and _doubts(found.get(node) or {}):
            bad[node] = {
                'cause': f'Nobody can tell whether {node} is a healthy member '
                         f'of its cluster: its {_doubts(found[node])} runs '
                         'and does not answer.',
                'hint': _HINT}
    return bad


def unsure(found, lost):
    """Find members that do not tell whether their cluster lives. It decides
    whether a node that comes back joins it or keeps its own state.

    :param found: as of :func:`problems`.
    :param lost: names of the nodes that are restored.
    :returns: mapping of node to {cause, hint}; none when another member
        tells.
    """
    members = {name: check for name, check in found.items()
               if name not in lost}
    return {name: {
        'cause': f'Nobody can tell whether a cluster lives: the '
                 f'{kind} of {name} runs and does not answer.',
        'hint': f'Repair it or turn {name} off; then restore again.'}
        for kind in _KINDS for name, check in sorted(members.items())
        if kind in check.get('unanswered', ())
        and not any(one.get(kind) for one in members.values())}


def _doubts(check):
    return ', '.join(kind for kind in _KINDS
                     if kind in check.get('unanswered', ()))


def _itself(check):
    galera = check.get('galera')
    if galera and galera['size'] > 1 and (
            galera['state'], galera['status']) == ('Synced', 'Primary'):
        return f'its database is Synced with {galera["size"]} members'
    pacemaker = check.get('pacemaker')
    if pacemaker and pacemaker['quorum'] and len(pacemaker['online']) > 1 and (
            _short(check['hostname']) in map(_short, pacemaker['online'])):
        return 'Pacemaker has it online'
    running = (check.get('rabbitmq') or {}).get('running', ())
    if len(running) > 1:
        return f'its broker runs with {len(running)} members'
    return None


def _others(names, found):
    for peer, check in sorted(found.items()):
        online = (check.get('pacemaker') or {}).get('online', ())
        if names & set(map(_short, online)):
            return f'Pacemaker of {peer} has it online'
    return None


def _short(name):
    return name.split('.')[0]
