# SPDX-License-Identifier: Apache-2.0
"""Keep services of a restored node from starting before it may rejoin."""
import json
import os

from baas.node import clock
from baas.node import command
from baas.node import durable
from baas.node import failure
from baas.node import units

FLAG = '/var/lib/baas-node/hold'
DROP_IN = '50-baas-hold.conf'
_TEXT = '''# Written by a restore, removed by baas-node unhold.
[Unit]
ConditionPathExists=!%s
''' % FLAG
_FOLDERS = ('etc/systemd/system', 'usr/lib/systemd/system',
            'lib/systemd/system')
_ENABLED = ('enabled', 'enabled-runtime')


def installed(root):
    """Name the units a system has, running or not (sorted list)."""
    names = set()
    for folder in _FOLDERS:
        path = os.path.join(root, folder)
        if os.path.isdir(path):
            names.update(name for name in os.listdir(path)
                         if units.is_ours(name))
    return sorted(names)


def hold(root, globs):
    """Keep units of a system that is not running from being started.

    :param root: where its root is mounted (str).
    :param globs: which units.
    :returns: names of the units held.
    """
    names = units.chosen(installed(root), globs)
    if not names:
        return []
    path = os.path.join(root, FLAG.lstrip('/'))
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    durable.write(path, json.dumps(names) + '\n')
    for name in names:
        folder = os.path.join(root, _FOLDERS[0], name + '.d')
        os.makedirs(folder, mode=0o755, exist_ok=True)
        durable.write(os.path.join(folder, DROP_IN), _TEXT, 0o644)
    return names


def drop_ins(root='/'):
    """List the drop-ins that hold units (paths)."""
    top = os.path.join(root, _FOLDERS[0])
    paths = [os.path.join(top, name, DROP_IN) for name in os.listdir(top)
             if name.endswith('.d')] if os.path.isdir(top) else []
    return sorted(path for path in paths if os.path.isfile(path))


def unhold(request):
    """Let the units go and start them, on the booted node.

    What is not enabled is not started: somebody else, as Pacemaker, does.
    Options: units (ordered list of globs), wait (seconds, 300).

    :returns: {'started': [names], 'seconds'}.
    :raises failure.NodeError: a unit does not come up.
    """
    began = clock.boottime()
    until = began + float(request.options.get('wait', 300))
    for path in drop_ins():
        durable.remove(path)
        try:
            os.rmdir(os.path.dirname(path))
        except OSError:
            # The node has drop-ins of its own for this unit.
            continue
    durable.remove(FLAG)
    units.reload()
    started = []
    for entry in request.options.get('units') or []:
        wanted = [entry] if isinstance(entry, str) else list(entry)
        names = [name for name in _to_start(wanted) if name not in started]
        units.act('start', names)
        wrong = units.wait(names, lambda state: state == 'active', until,
                           clock.boottime)
        if wrong:
            raise failure.NodeError(
                'Not started: %s.' % ', '.join(
                    '%s (%s)' % item for item in sorted(wrong.items())),
                'Look at systemctl status of these units.')
        started += names
    return {'started': started, 'seconds': round(clock.boottime() - began, 3)}


def _to_start(globs):
    out = command.run(['systemctl', 'list-unit-files', '--no-pager',
                       '--no-legend', '--full'],
                      'Look at systemctl list-unit-files on the node.')
    rows = [line.split() for line in out.splitlines() if line.strip()]
    return units.chosen(sorted(
        row[0] for row in rows if row[1] in _ENABLED
        and '@.' not in row[0]), globs)
