# SPDX-License-Identifier: Apache-2.0
"""Podman's containers on this node, and to whom they belong."""
import fnmatch
import json

from baas.node.cluster import membership
from baas.node import errors
from baas.node.system import command
from baas.node.system import presence

_DATABASES = ('*mysql*', '*mariadb*', '*galera*', '*ovn*db*', '*ovsdb*')
_CLUSTER = ('*pacemaker*', '*corosync*')
_OWNER = 'PODMAN_SYSTEMD_UNIT'
_HINT = 'Look at podman ps on the node, and repair podman.'
_TRIES = 3


def engine():
    """Give the path of podman, or None."""
    return command.find('podman')


def running():
    """Tell which containers run, paused ones too.

    :returns: list of {'name', 'id', 'pid', 'monitor' (its pid), 'state',
        'label' (the unit it says it is of), 'database' (True: it looks like
        one), 'cluster' (True: it looks like Pacemaker or Corosync), 'passing'
        (True: it is removed once it stops)}.
    :raises errors.Unknown: podman does not tell.
    """
    found = engine()
    if not found:
        if presence.runs('conmon'):
            raise errors.Unknown(
                'Containers run on this node, and there is no podman.',
                'Install podman, or stop what runs them.')
        return []
    # One that ends meanwhile makes it fail.
    for left in reversed(range(_TRIES)):
        ids = presence.ask(
            [found, 'ps', '--all', '--quiet', '--filter', 'status=running',
             '--filter', 'status=paused'], _HINT, 60).split()
        if not ids:
            return []
        words = [found, 'inspect'] + ids
        status, out, stderr = command.attempt(words, 120)
        if not status:
            return [_described(one) for one in _read(words, out)]
        if not left or status == 124:
            raise presence.unanswered(words[:2], status, stderr, _HINT)


def _read(words, text):
    """Read a list that podman gives.

    :raises errors.Unknown: it is none.
    """
    try:
        found = json.loads(text or '[]') or []
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(
            isinstance(one, dict) for one in found):
        raise presence.unreadable(words[:2], text, _HINT)
    return found


def _described(one):
    state, config = one.get('State') or {}, one.get('Config') or {}
    name = one['Name'].lstrip('/')
    image = (one.get('ImageName') or '').rpartition('/')[2]

    def looks_like(globs):
        return any(fnmatch.fnmatchcase(word, glob)
                   for word in (name, image) for glob in globs)

    return {'name': name, 'id': one.get('Id') or '',
            'database': looks_like(_DATABASES),
            'cluster': looks_like(_CLUSTER),
            'passing': bool((one.get('HostConfig') or {}).get('AutoRemove')),
            'pid': state.get('Pid') or 0,
            'monitor': state.get('ConmonPid') or 0,
            'state': state.get('Status') or '',
            'label': (config.get('Labels') or {}).get(_OWNER)}


def states(names):
    """Tell how containers are: {name: 'running', 'paused', 'exited', ...}.

    One that is no more is ''.

    :raises errors.Unknown: podman does not tell.
    """
    words = [engine() or 'podman', 'ps', '--all', '--format', 'json']
    found = dict.fromkeys(names, '')
    for one in _read(words, presence.ask(words, _HINT, 60)):
        # Old versions tell it in words only: "Up 4 minutes ago".
        state = (one.get('State') or one.get('Status') or '?').split()[0]
        state = {'Up': 'running'}.get(state, state.lower())
        found.update((name, state) for name in _names(one) if name in found)
    return found


def _names(one):
    names = one.get('Names') or []
    return [names] if isinstance(names, str) else names


def exist(names):
    """Name those of some containers that there are, running or not."""
    if not engine():
        return []
    return [name for name, state in states(names).items() if state]


def owners(units, found):
    """Tell which units have which containers.

    :param units: {unit: (its control group, its main process)}.
    :param found: what :func:`running` told.
    :returns: {unit: [containers]}.
    """
    owned = {}
    for one in found:
        place = group(one['monitor'])
        for name, (own, main) in sorted(units.items()):
            if one['label'] == name or main == str(one['monitor'] or None) \
                    or (own and place == own):
                owned.setdefault(name, []).append(one)
                break
    return owned


def groups(units):
    """Give the control groups of the containers that units have.

    They are not below the units' own: podman puts them elsewhere.

    :param units: as of :func:`owners`.
    :returns: {unit: [control groups]}.
    """
    return {name: [place for place in (group(one['pid']) for one in found)
                   if place]
            for name, found in owners(units, running()).items()}


def group(pid):
    """Give the control group of a process, or ''."""
    try:
        with open('/proc/%d/cgroup' % pid) as handle:
            lines = handle.read().splitlines()
    except OSError:
        return ''
    return ''.join(line[3:] for line in lines if line.startswith('0::'))


def of_pacemaker():
    """Name the containers that Pacemaker keeps (set of str).

    :raises errors.Unknown: it does not tell.
    """
    text = membership.crm_mon()
    if text is None:
        return set()
    root = membership.read_xml('crm_mon', text)
    return {one.get('id') for one in root.iter('resource')
            if (one.get('resource_agent') or '').rpartition(':')[2]
            in ('podman', 'docker')}
