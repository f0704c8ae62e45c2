# SPDX-License-Identifier: Apache-2.0
"""Which of the nodes that are to be restored are healthy members of their
cluster."""
from baas.jobs import submit


def spare(kind, seen):
    """Let the first step of a restore fail for nodes that must not be
    restored over, unless its request says so in words.

    :param kind: :class:`baas.conductor.restore.Restore`.
    :param seen: its :class:`baas.runner.progress.Progress`.
    """
    found = {name: results['check'] for name, results in kind.results.items()
             if 'check' in results}
    bad = problems(
        found, {name: _names(kind, name) for name in kind.lost},
        kind.lost if kind.boot.runs_already else ())
    if submit.HEALTHY_MEMBER not in kind.job.options.get('force', ()):
        seen.failures.update(bad)
        return
    seen.notes += [('warning', node, f'{said["cause"]} It is restored over '
                                     f'all the same, as the request says.')
                   for node, said in bad.items()]


def _names(kind, node):
    if node not in kind.backups:
        return {_short(node)}
    return {_short(node), kind.hostname(node)}


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
                'hint': 'Turn it off first; or, if it is to be overwritten '
                        'as it runs, say so with force=healthy-member.'}
    return bad


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
