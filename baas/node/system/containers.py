# SPDX-License-Identifier: Apache-2.0
"""Containers on this node, of Podman and of Docker: to whom they belong."""
import fnmatch
import json
import os

from baas.node.system import command
from baas.node.system import container_engine
from baas.node.system import presence
from baas.node.system import processes

_DATABASES = ('*mysql*', '*mariadb*', '*galera*', '*ovn*db*', '*ovsdb*')
_CLUSTER = ('*pacemaker*', '*corosync*')
_OWNER = 'PODMAN_SYSTEMD_UNIT'
_HINT = 'Look at the containers of the node, and repair %s.'
_LISTED = {'podman': 'json', 'docker': '{{json .}}'}
"""Formats of `ps`. Docker's gives one object a line."""
_TRIES = 3


def is_database(name):
    """Tell whether a container, image or unit is called like a database."""
    return _is_like(name, _DATABASES)


def running(*engines):
    """Tell which containers run, paused ones too.

    :param engines: names of those to ask; all that there are without one.
    :returns: list of {'engine', 'name', 'id', 'pid', 'monitor' (its pid, 0
        without one of its own), 'state', 'label' (the unit it says it is of),
        'database' (True: it looks like one), 'cluster' (True: it looks like
        Pacemaker or Corosync), 'passing' (True: it is removed once it
        stops)}.
    :raises baas.node.errors.Unknown: an engine does not tell.
    """
    return [one for engine in engines or container_engine.NAMES
            for one in _running(engine)]


def _running(engine):
    found, hint = container_engine.path(engine), _HINT % engine
    # One that ends meanwhile makes it fail.
    for left in reversed(range(_TRIES)):
        ids = presence.ask(
            [found, 'ps', '--all', '--quiet', '--filter', 'status=running',
             '--filter', 'status=paused'], hint, 60).split() if found else []
        if not ids:
            return []
        words = [found, 'inspect'] + ids
        status, out, stderr = command.attempt(words, 120)
        if not status:
            return [_described(engine, one)
                    for one in _read(words, out, hint)]
        if not left or status == 124:
            raise presence.unanswered(words[:2], status, stderr, hint)


def _read(words, text, hint):
    """Read a list that an engine gives, or one object a line.

    :raises baas.node.errors.Unknown: it is neither.
    """
    try:
        found = json.loads(text or '[]') or []
    except ValueError:
        try:
            found = [json.loads(line) for line in text.splitlines()]
        except ValueError:
            found = None
    found = [found] if isinstance(found, dict) else found
    if not isinstance(found, list) or not all(
            isinstance(one, dict) for one in found):
        raise presence.unreadable(words[:2], text, hint)
    return found


def _described(engine, one):
    state, config = one.get('State') or {}, one.get('Config') or {}
    name = one['Name'].lstrip('/')
    image = one.get('ImageName') or config.get('Image') or ''
    image = image.rpartition('/')[2]
    return {'engine': engine, 'name': name, 'id': one.get('Id') or '',
            'database': is_database(name) or is_database(image),
            'cluster': _is_like(name, _CLUSTER) or _is_like(image, _CLUSTER),
            'passing': bool((one.get('HostConfig') or {}).get('AutoRemove')),
            'pid': state.get('Pid') or 0,
            'monitor': state.get('ConmonPid') or 0,
            'state': state.get('Status') or '',
            'label': (config.get('Labels') or {}).get(_OWNER)}


def _is_like(name, globs):
    return any(fnmatch.fnmatchcase(name, glob) for glob in globs)


def states(engine, names):
    """Tell how containers are: {name: 'running', 'paused', 'exited', ...}.

    One that is no more is ''.

    :raises baas.node.errors.Unknown: the engine does not tell.
    """
    hint = _HINT % engine
    words = [container_engine.path(engine) or engine, 'ps', '--all',
             '--format', _LISTED[engine]]
    found = dict.fromkeys(names, '')
    for one in _read(words, presence.ask(words, hint, 60), hint):
        found.update((name, _state(one)) for name in _names(one)
                     if name in found)
    return found


def _state(one):
    # Old versions tell it in words only: "Up 4 minutes ago", "(Paused)".
    said = one.get('State') or one.get('Status') or '?'
    if said.endswith('(Paused)'):
        return 'paused'
    word = said.split()[0].lower()
    return {'up': 'running'}.get(word, word)


def _names(one):
    names = one.get('Names') or []
    return names.split(',') if isinstance(names, str) else names


def exist(engine, names):
    """Name those of some containers that there are, running or not."""
    if not container_engine.path(engine):
        return []
    return [name for name, state in states(engine, names).items() if state]


def owners(units, found):
    """Tell which units have which containers.

    :param units: {unit: (its control group, its main process)}.
    :param found: what :func:`running` told.
    :returns: {unit: [containers]}.
    """
    owned = {}
    waits = {name: _attached(int(main or 0))
             for name, (_, main) in units.items()}
    for one in found:
        place = group(one['monitor'])
        for name, (own, main) in sorted(units.items()):
            if one['label'] == name or main == str(one['monitor'] or None) \
                    or (own and place == own) \
                    or waits[name] == (one['engine'], one['name']):
                owned.setdefault(name, []).append(one)
                break
    return owned


def _attached(pid):
    """Tell which container a process has started and waits for: (engine,
    name), or None. In units of kolla-ansible it is the main one."""
    words = processes.words(pid) if pid else []
    if len(words) > 2 and words[1] == 'start':
        return os.path.basename(words[0]), words[-1]
    return None


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
