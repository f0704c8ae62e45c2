# SPDX-License-Identifier: Apache-2.0
"""Keep services of a restored node from starting before it may rejoin."""
import json
import os
import time

from baas.node.cluster import galera
from baas.node.cluster import membership
from baas.node import errors
from baas.node.quiesce import wait_healthy
from baas.node import request as requests
from baas.node.services import registry
from baas.node.services import starting
from baas.node.system import atomic_file
from baas.node.system import clock
from baas.node.system import presence
from baas.node.system import systemd
from baas.node.system import triggers

FLAG = '/var/lib/baas-node/hold'
DROP_IN = '50-baas-hold.conf'
_TEXT = '''# Written by a restore, removed by baas-node start_services.
[Unit]
ConditionPathExists=!%s
''' % FLAG
_ENABLED = ('enabled', 'enabled-runtime')
_CLUSTER = galera.SERVERS + (
    'corosync.service', 'pacemaker.service', 'rabbitmq-server.service',
    'kolla-rabbitmq-container.service')
_AGAIN = 5


def installed(root):
    """Name the units a system has, running or not (sorted list)."""
    names = set()
    for folder in triggers.FOLDERS:
        path = os.path.join(root, folder)
        if os.path.isdir(path):
            names.update(name for name in os.listdir(path)
                         if systemd.is_ours(name))
    return sorted(names)


def hold_units(root, globs):
    """Keep units of a system that is not running from being started, and
    what would start them from trying to.

    :param root: where its root is mounted (str).
    :param globs: which units.
    :returns: names of the units held.
    """
    names = triggers.opened(systemd.chosen(installed(root), globs), globs,
                            triggers.installed(root))
    if not names:
        return []
    path = os.path.join(root, FLAG.lstrip('/'))
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    atomic_file.write(path, json.dumps(names) + '\n')
    for name in names:
        folder = os.path.join(root, triggers.FOLDERS[0], name + '.d')
        os.makedirs(folder, mode=0o755, exist_ok=True)
        atomic_file.write(os.path.join(folder, DROP_IN), _TEXT, 0o644)
    return names


def drop_ins(root='/'):
    """List the drop-ins that hold units (paths)."""
    top = os.path.join(root, triggers.FOLDERS[0])
    paths = [os.path.join(top, name, DROP_IN) for name in os.listdir(top)
             if name.endswith('.d')] if os.path.isdir(top) else []
    return sorted(path for path in paths if os.path.isfile(path))


def start_services(request):
    """Let the units go and start them, on the booted node.

    What is not enabled is not started: somebody else, as Pacemaker, does.
    Options: units (ordered list of globs), wait (seconds, 300). When all
    members of a cluster start anew: ready (as the options of wait_healthy:
    what the cluster must be before the services start), first (bool: this one
    starts Galera; False: it joins), pending (what recover has told).

    :returns: {'started': [names], 'seconds'}.
    :raises errors.NodeError: a unit does not come up.
    """
    began = clock.boottime()
    until = began + float(request.options.get('wait', 300))
    _let_go()
    first = request.options.get('first')
    if first is not None:  # pragma: no cover - tools/test faults runs it
        galera.appoint(first)
    ready = request.options.get('ready')
    started = []
    for names in _stages(request.options.get('units') or []):
        if ready and not any(name in _CLUSTER for name in names):
            _wait_healthy(request, ready, until)
            ready = None
        request.report(task='starting %s' % ', '.join(names[:3]))
        _start(names, until)
        if ready and 'corosync.service' in names:
            _meet(request, int(ready.get('online') or 0), until)
        started += names
    if ready:  # pragma: no cover - tools/test faults runs it
        _wait_healthy(request, ready, until)
    _undo(request.options.get('undos') or [], until)
    return {'started': started, 'seconds': round(clock.boottime() - began, 3)}


def enabled(globs):
    """Name the units that are started at boot and that globs mean, or that
    start what globs mean.

    :raises baas.node.errors.Unknown: systemd does not tell.
    """
    words = ['systemctl', 'list-unit-files', '--no-pager', '--no-legend',
             '--full']
    hint = 'Look at systemctl list-unit-files on the node.'
    out = presence.ask(words, hint)
    rows = [line.split() for line in out.splitlines() if line.strip()]
    if not any(systemd.is_ours(row[0]) for row in rows):
        raise presence.unreadable(words, out, hint)
    names = sorted(row[0] for row in rows if row[1:2] and row[1] in _ENABLED
                   and '@.' not in row[0])
    wanted = triggers.opened(systemd.chosen(names, globs), globs,
                             triggers.installed('/'))
    return [name for name in wanted if name in names]


def _let_go():
    for path in drop_ins():
        atomic_file.remove(path)
        try:
            os.rmdir(os.path.dirname(path))
        except OSError:  # pragma: no cover - a drop-in of the node's own
            # The node has drop-ins of its own for this unit.
            continue
    atomic_file.remove(FLAG)
    systemd.reload()


def _stages(entries):
    """Arrange what to start together: lists of units, none of them twice."""
    stages, taken = [], set()
    for entry in entries:
        wanted = [entry] if isinstance(entry, str) else list(entry)
        names = [name for name in enabled(wanted) if name not in taken]
        taken.update(names)
        # What stops last in a stage starts first.
        first = registry.later(names)
        rest = [name for name in names if name not in first]
        stages += [part for part in (first, rest) if part]
    return stages


def _start(names, until):
    """Start units and wait; one that fails is tried again, as a member
    does while the one that it joins is not there."""
    asked = {}
    while True:
        wrong = _pending(names, asked)
        now = clock.boottime()
        if not wrong:
            return
        if now >= until:
            raise errors.NodeError(
                'Not started: %s.' % ', '.join(
                    '%s (%s)' % item for item in sorted(wrong.items())),
                'Look at systemctl status of these units.')
        again = [name for name, state in wrong.items() if name not in asked
                 or state in ('failed', 'inactive')
                 and asked[name][0] + _AGAIN <= now]
        # A socket may have failed before, for whom it was to start was held.
        systemd.reset_failed(again)
        since = time.monotonic()
        starting.start(again, asked)
        asked.update((name, (now, since)) for name in again)
        time.sleep(0.2)


def _pending(names, asked):
    """Tell which units do not run yet: {unit: state}.

    What ends by itself has only to be asked for, and what a condition of its
    own keeps from starting is as its administrator wants it.
    """
    found, passing = {}, systemd.passing(names)
    shown = systemd.show(names, ('ActiveState', 'ConditionResult',
                                 'ConditionTimestampMonotonic'))
    for name, values in shown.items():
        state = values.get('ActiveState', '')
        if name in asked and state == 'inactive':
            looked = int(values.get('ConditionTimestampMonotonic') or 0)
            if name in passing or (values.get('ConditionResult') == 'no'
                                   and looked >= asked[name][1] * 10**6):
                continue
        if state != 'active':
            found[name] = state
    return found


def _undo(pending, until):
    """Undo in a cluster what the backup had done to it: it is in the state
    that its members were restored with."""
    for undo in pending:
        if not list(registry.of(undo).resume([undo], until)):
            raise errors.NodeError(
                'A backup has set %s, and it cannot be unset.'
                % registry.name(undo), 'Unset it by hand when the cluster '
                'answers, such as by "ceph osd unset noout".')


def _meet(request, members, until):
    """Wait until the members are in touch. A cluster manager that starts
    before would take those who are late for lost, and fence them."""
    request.report(task='waiting for the other members')
    while True:
        try:
            seen = membership.corosync()
            if seen is None or seen >= members:
                return
            said = 'Corosync is in touch with %d of %d members.' % (
                seen, members)
        except errors.Unknown as error:
            said = error.cause
        if clock.boottime() >= until:
            raise errors.NodeError(
                said, 'Look at the members that are missing, and at the '
                'network between them.')
        time.sleep(0.5)


def _wait_healthy(request, ready, until):
    request.report(task='waiting for the cluster')
    # Units that are held still are not to be waited for.
    options = dict(ready, units=[], wait=max(1, until - clock.boottime()))
    wait_healthy.wait_healthy(requests.Request('wait_healthy', request.job,
                                               request.epoch,
                                               options))
