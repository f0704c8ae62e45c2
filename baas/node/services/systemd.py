# SPDX-License-Identifier: Apache-2.0
"""Units of systemd: stopped with what triggers them, or frozen."""
import fnmatch
import time

from baas.node import broker
from baas.node import cgroup
from baas.node import clock
from baas.node import database
from baas.node import failure
from baas.node import galera
from baas.node import units
from baas.node.services import base
from baas.node.services import containers

STILL = ('pacemaker*', 'corosync*', 'sbd*', 'pcsd*') + galera.SERVERS
"""What goes on running in a freeze: it would be fenced, or is locked."""
DATABASES = set(database.SERVERS)
_AGAIN = 5


class Systemd(base.Service):
    """See :class:`base.Service`. An item is a name or a glob of units."""

    kind = 'unit'

    def find(self, items, seen):
        """See :class:`base.Service`; to stop, triggers come first."""
        if seen.way == base.FREEZE:
            names = [name for item in items
                     for name in units.chosen(seen.units, [item])]
            return freezable(list(dict.fromkeys(names)))
        names = units.chosen(seen.units, items)
        return units.with_pulled(names, seen.units) if names else []

    def unknown(self, items):
        """See :class:`base.Service`."""
        plain = {item: item if units.is_ours(item) else item + '.service'
                 for item in items if not base.is_glob(item)}
        shown = units.show(sorted(plain.values()), ['LoadState'])
        return [item for item in items if item in plain and shown[
            plain[item]].get('LoadState') == 'not-found']

    def problems(self, things, way):
        """See :class:`base.Service`."""
        if not things:
            return []
        if way == base.STOP:
            shown = units.show(things, ['ControlGroup'])
            return [{'cause': 'The service itself runs in %s, which would '
                              'stop.' % name,
                     'hint': 'Take it off the list of what rests.'}
                    for name in things
                    if _holds_us(shown[name].get('ControlGroup', ''))]
        if cgroup.top() is None:
            return [{'cause': 'This node has no control groups of version 2, '
                              'so %s cannot freeze.' % things[0],
                     'hint': 'Rest by stop on nodes as old as this one.'}]
        wrong = [name for name, paths in sorted(folders(things).items())
                 if not paths]
        return [{'cause': '%s has no control group that can freeze.' % name,
                 'hint': 'Take it off the list of what rests, or stop.'}
                for name in wrong]

    def owed(self, things, way):
        """See :class:`base.Service`."""
        was = units.states(things) if things else {}
        names = [name for name in things if was[name] in units.RUNNING]
        undos = [{'kind': self.kind, 'unit': name, 'was': was[name]}
                 for name in names]
        if way == base.FREEZE:
            where = folders(names)
            undos = [dict(undo, way=way, groups=where[undo['unit']])
                     for undo in undos]
        return undos

    def name(self, thing):
        """See :class:`base.Service`."""
        return thing

    def rest(self, undos, until, guard):
        """See :class:`base.Service`."""
        if guard is None:
            units.act('stop', [undo['unit'] for undo in undos])
        for undo in undos if guard is not None else ():
            try:
                for path in undo['groups']:
                    cgroup.freeze(path)
            except OSError as error:
                raise failure.NodeError(
                    '%s does not freeze: %s.' % (undo['unit'], error),
                    'Look at the state of this unit on the node.')

    def wait(self, undos, until, guard):
        """See :class:`base.Service`."""
        if guard is not None:
            wrong = cgroup.wait([path for undo in undos
                                 for path in undo['groups']], until)
            found = {undo['unit']: 'not frozen' for undo in undos
                     if set(undo['groups']) & set(wrong)}
        else:
            found = units.wait(
                [undo['unit'] for undo in undos],
                lambda state: state in ('inactive', 'failed'), until,
                clock.boottime)
        if found:
            raise failure.NodeError(
                'Not at rest in time: %s.' % ', '.join(
                    '%s (%s)' % item for item in sorted(found.items())),
                'Look at the journal of these units, or allow more seconds.')

    def unblock(self, undos):
        """See :class:`base.Service`."""
        units.reset_failed([undo['unit'] for undo in undos])

    def resume(self, undos, until):
        """See :class:`base.Service`; what froze and died is started."""
        for undo in undos:
            for path in undo.get('groups') or ():
                cgroup.thaw(path)
        pending, asked = {undo['unit']: undo for undo in undos}, {}
        looked = clock.boottime()
        while pending:
            found = units.states(sorted(pending))
            for name, state in sorted(found.items()):
                if name in asked and is_back(pending[name], state) \
                        or state == 'active':
                    yield pending.pop(name)
            now = clock.boottime()
            again = [name for name in pending
                     if found[name] not in units.RUNNING
                     and asked.get(name, -_AGAIN) + _AGAIN <= now]
            _start(again)
            asked.update((name, now) for name in pending
                         if name in again or name not in asked)
            if now >= until:
                return
            if now >= looked + broker.AGAIN and any(map(broker.is_one,
                                                        pending)):
                broker.find_peers()
                looked = clock.boottime()
            if pending:
                time.sleep(0.1)

    def awake(self, undos):
        """See :class:`base.Service`."""
        return [undo['unit'] for undo in undos
                if not all(cgroup.is_frozen(path)
                           for path in undo.get('groups') or ())]


def is_back(undo, state):
    """Tell whether a unit is as well as it was.

    What was failing over and over before need not do better now.
    """
    return state in ('active', 'reloading') or (
        undo['was'] == 'activating' and state in ('activating', 'failed'))


def _start(names):
    """Ask systemd to start units, a Galera server in the way it needs."""
    for name in names:
        if not galera.start(name):
            units.act('start', [name])


def freezable(names):
    """Keep the services that have processes, and are no database."""
    names = [name for name in names if name.endswith('.service')
             and not any(fnmatch.fnmatchcase(name, glob) for glob in STILL)]
    shown = units.show(names, ['SubState', 'ControlGroup'])
    names = [name for name in names if shown[name].get('ControlGroup')
             and shown[name].get('SubState') != 'exited']
    where = folders(names)
    return [name for name in names
            if not any(cgroup.processes(path) & DATABASES
                       for path in where[name])]


def folders(names):
    """Give the control groups of units, those of their containers too.

    :returns: {unit: [paths]}; none for a unit that cannot freeze.
    """
    shown = units.show(names, ['ControlGroup', 'MainPID']) if names else {}
    owned = containers.groups({
        name: (values.get('ControlGroup', ''), values.get('MainPID', '0'))
        for name, values in shown.items()})
    found = {}
    for name in names:
        groups = [shown[name].get('ControlGroup', '')] + owned.get(name, [])
        paths = [cgroup.folder(group) for group in groups
                 if not _holds_us(group)]
        found[name] = [path for path in paths if path]
    return found


def _holds_us(group):
    own = cgroup.own()
    return bool(group) and (own + '/').startswith(group.rstrip('/') + '/')
