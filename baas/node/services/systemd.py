# SPDX-License-Identifier: Apache-2.0
"""Units of systemd: stopped with what triggers them, or frozen."""
import time

from baas.node.cluster import galera
from baas.node.cluster import galera_container
from baas.node.cluster import mariadb
from baas.node.cluster import rabbitmq
from baas.node import errors
from baas.node.services import base
from baas.node.services import control_groups
from baas.node.services import starting
from baas.node.system import cgroups
from baas.node.system import clock
from baas.node.system import conmon
from baas.node.system import containers
from baas.node.system import systemd
from baas.node.system import triggers

_OWN_STAGE = {'rabbitmq-server.service'}.union(
    galera.SERVERS).difference(galera.IN_CONTAINERS)
_AGAIN, _PATIENCE = 5, 15


class Systemd(base.Service):
    """See :class:`base.Service`. An item is a name or a glob of units."""

    kind = 'unit'

    def find(self, items, view):
        """See :class:`base.Service`; what starts others comes first.

        What would start a unit of the list is quiesced with it, whether or not
        that unit runs right now. In a freeze, what runs already cannot be
        started, so that only what may start something else is quiesced.
        """
        named = [item for item in items if not base.prefix(item)]
        if not named:
            return []
        names = list(dict.fromkeys(
            name for item in named
            for name in systemd.chosen(view.units, [item])))
        if view.mode == base.FREEZE:
            # What ends by itself can be started again once it has.
            still = set(view.units) - systemd.passing(names)
            return (triggers.of(named, view.units, still)
                    + control_groups.freezable(names))
        names += [name for name in triggers.of(named, view.units)
                  if name not in names]
        return triggers.first(systemd.with_pulled(
            names, view.units)) if names else []

    def later(self, things):
        """See :class:`base.Service`: databases and brokers in containers, as
        a glob means them with those who write to them."""
        return [name for name in things if name not in _OWN_STAGE and (
            containers.is_database(name) or rabbitmq.is_one(name))]

    def unknown(self, items):
        """See :class:`base.Service`."""
        plain = {item: item if systemd.is_ours(item) else item + '.service'
                 for item in items if not base.is_glob(item)}
        shown = systemd.show(sorted(plain.values()), ['LoadState'])
        return [item for item in items if item in plain and shown[
            plain[item]].get('LoadState') == 'not-found']

    def problems(self, things, mode):
        """See :class:`base.Service`."""
        if mode == base.STOP:
            return _stop_problems(things)
        frozen = [name for name in things if not triggers.is_one(name)]
        found = _stop_problems([name for name in things
                                if triggers.is_one(name)])
        if frozen and cgroups.top() is None:
            return found + [{
                'cause': 'This node has no control groups of version 2, so '
                         '%s cannot freeze.' % frozen[0],
                'hint': 'Set [quiesce] mode to stop for nodes as old as this '
                        'one.'}]
        wrong = [name for name, paths in sorted(
            control_groups.folders(frozen).items()) if not paths]
        # What has ended meanwhile has none.
        shown = systemd.show(wrong, ['ControlGroup']) if wrong else {}
        wrong = [name for name in wrong if shown[name].get('ControlGroup')]
        return found + [{
            'cause': '%s has no control group that can freeze.' % name,
            'hint': 'Take it off [quiesce] units, or set [quiesce] mode to '
                    'stop.'}
            for name in wrong]

    def plan_undos(self, things, mode):
        """See :class:`base.Service`."""
        was = systemd.states(things)
        names = [name for name in things if was[name] in systemd.RUNNING]
        passing, waiting = systemd.passing(names), _waiting(names)
        undos = [{'kind': self.kind, 'unit': name, 'was': was[name]}
                 for name in names]
        for undo in undos:
            if undo['unit'] in passing:
                undo['passing'] = True
            if waiting.get(undo['unit']):
                undo['starts'] = waiting[undo['unit']]
        if mode == base.FREEZE:
            where = control_groups.folders([
                name for name in names if not triggers.is_one(name)])
            undos = [dict(undo, mode=mode, groups=where.get(undo['unit'], []))
                     for undo in undos]
        return undos

    def name(self, thing):
        """See :class:`base.Service`."""
        return thing

    def quiesce(self, undos, until, watchdog):
        """See :class:`base.Service`."""
        names = _stopped(undos, watchdog)
        if set(names) & set(galera.IN_CONTAINERS):
            # What the container runs does not heed the signal to end.
            mariadb.ask('SHUTDOWN')
        systemd.act('stop', names)
        for undo in undos if watchdog is not None else ():
            try:
                for path in base.groups([undo]):
                    cgroups.freeze(path)
            except OSError as error:
                if undo.get('passing') and not base.groups([undo]):
                    continue  # it has ended
                raise errors.NodeError(
                    '%s does not freeze: %s.' % (undo['unit'], error),
                    'Look at the state of this unit on the node.')

    def wait(self, undos, until, watchdog):
        """See :class:`base.Service`; what a trigger has started at the last
        moment is waited for, too."""
        found = {}
        if watchdog is not None:
            wrong = cgroups.wait(base.groups(undos), until)
            found = {undo['unit']: 'not frozen' for undo in undos
                     if set(base.groups([undo])) & set(wrong)}
        found.update(systemd.wait(
            _stopped(undos, watchdog) + sorted({
                name for undo in undos for name in undo.get('starts', ())}),
            lambda state: state in ('inactive', 'failed'), until,
            clock.boottime, conmon.Lingering(clock.boottime).look))
        if found:
            raise errors.NodeError(
                'Not quiesced in time: %s.' % ', '.join(
                    '%s (%s)' % item for item in sorted(found.items())),
                'Look at the journal of these units, or allow more seconds.')

    def reset_failed(self, undos):
        """See :class:`base.Service`."""
        systemd.reset_failed([undo['unit'] for undo in undos])

    def release(self, undos):
        """See :class:`base.Service`."""
        for path in base.groups(undos):
            cgroups.thaw(path)

    def going_on(self, undos):
        """See :class:`base.Service`."""
        found = systemd.states([undo['unit'] for undo in undos])
        return [undo for undo in undos if undo.get('groups')
                and is_back(undo, found[undo['unit']], False)]

    def resume(self, undos, until):
        """See :class:`base.Service`; what froze and died is started."""
        self.release(undos)
        pending, asked = {undo['unit']: undo for undo in undos}, {}
        if set(pending) & set(galera.IN_CONTAINERS):
            galera_container.forget()  # what a start that was killed has left
        began = looked = clock.boottime()
        ours = set()
        while pending:
            found = _states(sorted(pending), until)
            stuck = {name for name, state in found.items() if name not in ours
                     and state in systemd.RUNNING and galera.waits(name)}
            for name, state in sorted(found.items()):
                if name not in stuck and is_back(pending[name], state,
                                                 name in asked):
                    yield pending.pop(name)
            now = clock.boottime()
            # What still stops has its start waiting, and asking for that over
            # and over would reach the limit of starts of the unit.
            again = [name for name in pending if name in found
                     and found[name] not in systemd.RUNNING
                     and (name not in asked
                          or found[name] in ('failed', 'inactive')
                          and asked[name] + _AGAIN <= now)]
            if now >= began + _PATIENCE:
                again += sorted(stuck)
            starting.start(again, asked)
            ours.update(again)
            asked.update((name, now) for name in found if name in pending
                         and (name in again or name not in asked))
            if now >= until:
                return
            if now >= looked + rabbitmq.AGAIN and any(map(rabbitmq.is_one,
                                                          pending)):
                rabbitmq.find_peers()
                looked = clock.boottime()
            if pending:
                time.sleep(0.1)

    def resumed_early(self, undos, watchdog=None):
        """See :class:`base.Service`."""
        stopped = systemd.states(_stopped(undos, True))
        return [undo['unit'] for undo in undos
                if stopped.get(undo['unit']) in systemd.RUNNING
                or not all(map(cgroups.is_frozen, base.groups([undo])))]

    def started_again(self, undos):
        """See :class:`base.Service`."""
        names = [undo['unit'] for undo in undos]
        return [name for name, state in sorted(systemd.states(names).items())
                if state in systemd.RUNNING]


def is_back(undo, state, asked):
    """Tell whether a unit is as well as it was.

    What was failing over and over before need not do better now, and what
    ends by itself may have ended again.

    :param undo: of the journal.
    :param state: its active state (str).
    :param asked: whether systemd was asked to start it, or was about to.
    """
    if undo.get('passing'):
        return asked or undo.get('mode') == base.FREEZE
    return state == 'active' or asked and (state == 'reloading' or (
        undo['was'] == 'activating' and state in ('activating', 'failed')))


def _states(names, until):
    """Give the states of units, {} while systemd does not tell.

    :raises errors.Unknown: it does not, and there is no time left.
    """
    try:
        return systemd.states(names)
    except errors.Unknown:
        if clock.boottime() >= until:
            raise
        return {}


def _stopped(undos, watchdog):
    """Name the units that are stopped: in a freeze, what starts others."""
    return triggers.first([undo['unit'] for undo in undos if watchdog is None
                           or triggers.is_one(undo['unit'])])


def _waiting(names):
    """Give what triggers start that does not run now: {trigger: [units]}."""
    found = {name: [one for one in started if '@.' not in one]
             for name, started in triggers.running(names).items()}
    was = systemd.states(sorted({one for started in found.values()
                                 for one in started}))
    return {name: [one for one in started if was[one] not in systemd.RUNNING]
            for name, started in found.items()}


def _stop_problems(names):
    shown = systemd.show(names, ('ControlGroup', 'Transient',
                                 'RefuseManualStop', 'RefuseManualStart'))
    hint = 'Take it off [quiesce] units.'
    found = []
    for name in names:
        if cgroups.holds_us(shown[name].get('ControlGroup', '')):
            found.append('The service itself runs in %s, which would stop.')
        elif shown[name].get('Transient') == 'yes':
            found.append('%s is gone once it stops: no file describes it.')
        elif 'yes' in (shown[name].get('RefuseManualStop'),
                       shown[name].get('RefuseManualStart')):
            found.append('systemd does not let %s be stopped and started.')
        else:
            continue
        found[-1] = {'cause': found[-1] % name, 'hint': hint}
    return found
