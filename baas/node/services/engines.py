# SPDX-License-Identifier: Apache-2.0
"""Containers of Podman and of Docker that are neither a chosen unit's nor
Pacemaker's."""
import fnmatch
import subprocess
import time

from baas.node.cluster import membership
from baas.node import errors
from baas.node.services import base
from baas.node.system import cgroups
from baas.node.system import clock
from baas.node.system import command
from baas.node.system import container_engine
from baas.node.system import containers
from baas.node.system import systemd

PROTECTED = ('baas*', 'openvswitch_*')
"""Containers that are never stopped nor frozen: parts of the service itself,
and those of kolla-ansible through which the network of a node may go."""
_STOPPED = ('exited', 'stopped', 'created', 'configured', 'initialized')
_HINT = 'Look at %s ps on the node.'


class _Engine(base.Service):
    """See :class:`base.Service`. An item is the name of the engine, a colon
    and a glob."""

    def find(self, items, view):
        """See :class:`base.Service`; databases are locked, not frozen, and a
        member whose cluster is held still or killed would be fenced."""
        globs = _globs([item for item in items
                        if base.prefix(item) == self.prefix])
        if not globs:
            return []
        running = containers.running(self.kind)
        left = _of_units(running, view) | {
            one['name'] for one in running if one['cluster']
            or _matches(one['name'], PROTECTED)}
        if view.mode == base.STOP:
            left |= membership.containers()
        found = [one for one in running if one['name'] not in left
                 and one['state'] == 'running'
                 and _matches(one['name'], globs)]
        if view.mode == base.FREEZE:
            found = [one for one in found if not one['database']]
        return [one['name'] for one in found]

    def later(self, things):
        """See :class:`base.Service`: databases."""
        last = {one['name'] for one in containers.running(self.kind)
                if one['database']} if things else ()
        return [name for name in things if name in last]

    def unknown(self, items):
        """See :class:`base.Service`."""
        plain = [item for item in items if not base.is_glob(item)]
        there = containers.exist(self.kind, _globs(plain)) if plain else []
        return [item for item in plain if _globs([item])[0] not in there]

    def problems(self, things, mode):
        """See :class:`base.Service`."""
        gone = {one['name'] for one in containers.running(self.kind)
                if one['passing']} if mode == base.STOP and things else ()
        return [{'cause': '%s removes the container %s once it stops.'
                          % (self.kind.capitalize(), name),
                 'hint': 'Take it off [quiesce] units, or set [quiesce] mode '
                         'to freeze.'}
                for name in things if name in gone]

    def plan_undos(self, things, mode):
        """See :class:`base.Service`. In a freeze the kernel is asked where it
        can be, as for units: an engine takes longer for it."""
        was = containers.states(self.kind, things) if things else {}
        undos = [{'kind': self.kind, 'thing': name, 'mode': mode}
                 for name in things if was[name] == 'running']
        if mode == base.FREEZE and undos:
            found = {one['name']: one
                     for one in containers.running(self.kind)}
            for undo in undos:
                path = _own_group(found.get(undo['thing']))
                undo['groups'] = [path] if path else []
        return undos

    def quiesce(self, undos, until, watchdog):
        """See :class:`base.Service`."""
        names = _asked(undos)
        for undo in undos:
            try:
                for path in base.groups([undo]):
                    cgroups.freeze(path)
            except OSError as error:
                raise errors.NodeError(
                    'The container %s does not freeze: %s.' % (
                        undo['thing'], error), _HINT % self.kind)
        if names and watchdog is not None:
            command.run([container_engine.path(self.kind), 'pause'] + names,
                        _HINT % self.kind, 60)
        elif names:
            # It takes as long as the containers take to end.
            subprocess.Popen(
                [container_engine.path(self.kind), 'stop'] + names,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, start_new_session=True,
                env=command.environment())

    def wait(self, undos, until, watchdog):
        """See :class:`base.Service`."""
        names = _asked(undos)
        still = cgroups.wait(base.groups(undos), until)
        if still:
            raise errors.NodeError(
                'Containers not quiesced in time: %s.' % ', '.join(
                    undo['thing'] for undo in undos
                    if set(undo.get('groups') or ()) & set(still)),
                'Look at %s ps on the node, or allow more seconds.'
                % self.kind)
        wanted = ('paused',) if watchdog is not None else ('exited', 'stopped')
        while True:
            wrong = {name: state for name, state
                     in containers.states(self.kind, names).items()
                     if state and state not in wanted} if names else {}
            if not wrong:
                return
            if clock.boottime() >= until:
                raise errors.NodeError(
                    'Containers not quiesced in time: %s.' % ', '.join(
                        '%s (%s)' % item for item in sorted(wrong.items())),
                    'Look at %s ps on the node, or allow more seconds.'
                    % self.kind)
            time.sleep(0.2)

    def release(self, undos):
        """See :class:`base.Service`."""
        for path in base.groups(undos):
            cgroups.thaw(path)

    def going_on(self, undos):
        """See :class:`base.Service`."""
        found = containers.states(
            self.kind, [undo['thing'] for undo in undos])
        return [undo for undo in undos if undo.get('groups')
                and found[undo['thing']] == 'running']

    def resume(self, undos, until):
        """See :class:`base.Service`."""
        self.release(undos)
        pending = {undo['thing']: undo for undo in undos}
        while pending:
            try:
                found = _woken(self.kind, sorted(pending))
            except errors.Unknown:
                # It is asked again for as long as there is time.
                if clock.boottime() >= until:
                    raise
                found = {}
            for name, state in sorted(found.items()):
                if state == 'running':
                    yield pending.pop(name)
            if not pending or clock.boottime() >= until:
                return
            time.sleep(0.5)

    def resumed_early(self, undos, watchdog=None):
        """See :class:`base.Service`."""
        names = _asked(undos)
        awake = [undo['thing'] for undo in undos if not all(
            map(cgroups.is_frozen, undo.get('groups') or ()))]
        return awake + [name for name, state
                        in containers.states(self.kind, names).items()
                        if state != 'paused'] if names else awake

    def started_again(self, undos):
        """See :class:`base.Service`."""
        names = [undo['thing'] for undo in undos]
        return [name for name, state in sorted(
            containers.states(self.kind, names).items())
            if state in ('running', 'paused')]


class Podman(_Engine):
    """Containers of Podman."""

    kind = prefix = 'podman'


class Docker(_Engine):
    """Containers of Docker."""

    kind = prefix = 'docker'


def _own_group(container):
    """Give the folder of the control group that is a container's alone, or
    None: one may share that of whoever has started it."""
    group = containers.group(container['pid']) if container else ''
    return cgroups.folder(group) if container and container[
        'id'] and container['id'] in group else None


def _asked(undos):
    """Name the containers that an engine is asked to stop or to pause."""
    return [undo['thing'] for undo in undos if not undo.get('groups')]


def _woken(engine, names):
    """Wake containers; give the states that they are in then."""
    was = containers.states(engine, names)
    for word, of in (('unpause', ('paused',)), ('start', _STOPPED)):
        asleep = [name for name in names if was[name] in of]
        if asleep:
            command.attempt([container_engine.path(engine) or engine, word]
                            + asleep, 120)
    return containers.states(engine, names)


def _globs(items):
    return [item.partition(':')[2] for item in items]


def _matches(name, globs):
    return any(fnmatch.fnmatchcase(name, glob) for glob in globs)


def _of_units(running, view):
    chosen = systemd.chosen(view.units, [
        item for item in view.items if not base.prefix(item)])
    shown = systemd.show(chosen, ['ControlGroup', 'MainPID']) if chosen else {}
    owned = containers.owners({
        name: (values.get('ControlGroup', ''), values.get('MainPID', '0'))
        for name, values in shown.items()}, running)
    return {one['name'] for found in owned.values() for one in found}
