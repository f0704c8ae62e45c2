# SPDX-License-Identifier: Apache-2.0
"""Units of systemd: which there are, which run, start and stop."""
import fnmatch
import os
import time

from baas.node import errors
from baas.node.system import command
from baas.node.system import presence

KINDS = ('service', 'socket', 'timer', 'path')
PROTECTED = (
    'ssh.*', 'ssh@*', 'sshd.*', 'sshd@*', 'sshd-*', 'dbus.*', 'dbus-*',
    'systemd-*', 'baas-*', 'user@*', 'NetworkManager*', 'network.service',
    'networking.service', 'polkit.service', 'ceph-mon@*', 'ceph-*@mon.*',
    'tripleo_baas*', 'kolla-baas*', 'kolla-hacluster_*',
    'kolla-openvswitch_*', '[0-9a-f]' * 64 + '.*')
"""What is never stopped: the way in, what systemd itself needs, the monitors
that keep Ceph's quorum, this service, what kolla-ansible has in containers of
Pacemaker and Corosync, which its engine would kill when they take their time,
and of Open vSwitch, through which the network of the node may go, and the
health checks that podman keeps for each container, which it begins and ends
itself."""
RUNNING = ('active', 'activating', 'reloading')
_HINT = 'Look at systemctl status on the node.'
# What systemd stops along with a unit, or what starts it again by itself.
_PULLED = ('RequiredBy', 'RequisiteOf', 'BoundBy', 'ConsistsOf',
           'TriggeredBy')
_PASSING = ('Type', 'RemainAfterExit')
_LACKING = ('ActiveState', 'Result', 'ExecMainStatus', 'TriggeredBy',
            'ConditionResult', 'ConditionTimestampMonotonic')
_CHUNK = 100
_BOOTED = '/run/systemd/system'
"""What is there when systemd runs the node; see sd_booted(3)."""
_NAMES = ('Id', 'Names')


def is_protected(name):
    """Tell whether a unit may never be stopped."""
    return any(fnmatch.fnmatchcase(name, glob) for glob in PROTECTED)


def is_ours(name):
    """Tell whether a unit is of a kind that is stopped and started."""
    return name.rpartition('.')[2] in KINDS


def matches(name, glob):
    """Tell whether a unit is meant by a glob; its kind may be left out."""
    return (fnmatch.fnmatchcase(name, glob)
            or fnmatch.fnmatchcase(name, glob + '.service'))


def running():
    """Name all units that run or are about to (sorted list of str).

    :raises errors.Unknown: systemd does not tell.
    """
    words = ['systemctl', 'list-units', '--all', '--full', '--plain',
             '--no-pager', '--no-legend', '--type=' + ','.join(KINDS)]
    out = presence.ask(words, _HINT)
    rows = [line.split() for line in out.splitlines() if line.strip()]
    if not any(len(row) > 3 and is_ours(row[0]) for row in rows):
        raise presence.unreadable(words, out, _HINT)
    return sorted(row[0] for row in rows
                  if len(row) > 3 and row[2] in RUNNING)


def chosen(names, globs):
    """Name those that globs mean and that may be stopped (list of str)."""
    return [name for name in names
            if any(matches(name, glob) for glob in globs)
            and is_ours(name) and not is_protected(name)]


def show(names, properties):
    """Ask for properties of units.

    What is said of a unit is known by the names that it has: one without
    any of the properties, as a timer has no control group, says nothing at
    all, and one may be asked for by an alias.

    :returns: {unit: {property: value (str)}}; a template has only LoadState,
        which is ``not-found``.
    :raises errors.Unknown: systemd does not tell.
    """
    found = {name: {'Id': name, 'LoadState': 'not-found'} for name in names
             if '@.' in name}
    wanted = [name for name in names if name not in found]
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start:start + _CHUNK]
        words = ['systemctl', 'show', '--no-pager', '--property='
                 + ','.join(_NAMES + tuple(properties)), '--'] + part
        told = _by_name(presence.ask(words, _HINT))
        for name in part:
            if name not in told:
                raise presence.unreadable(
                    ['systemctl', 'show', name], 'nothing of it', _HINT)
            found[name] = told[name]
    return found


def _by_name(text):
    """Read what systemctl shows: {each name of a unit: {property: value}}."""
    told = {}
    for block in text.split('\n\n'):
        pairs = [line.partition('=') for line in block.splitlines()]
        values = {key: value for key, _, value in pairs}
        for name in [values.get('Id')] + values.get('Names', '').split():
            told[name] = values
    return told


def states(names):
    """Give the active state of units: {unit: 'active', 'failed', ...}."""
    shown = show(names, ['ActiveState']) if names else {}
    return {name: shown[name].get('ActiveState', '') for name in names}


def passing(names):
    """Name those that end by themselves when their work is done (set)."""
    return {name for name, values in (show(
        names, _PASSING) if names else {}).items()
        if (values.get('Type'), values.get('RemainAfterExit'))
        == ('oneshot', 'no')}


def steady():
    """Name the units that run, and are started at each boot (sorted list).

    Those that Pacemaker runs for the cluster may run elsewhere next time.

    :raises errors.Unknown: systemd does not tell.
    """
    if not os.path.isdir(_BOOTED):
        return []
    names = [name for name in running() if not is_protected(name)]
    shown = show(names, ('ActiveState', 'UnitFileState', 'DropInPaths')
                 + _PASSING)
    return sorted({values['Id'] for values in shown.values()
                   if values.get('ActiveState') == 'active'
                   and values.get('UnitFileState') == 'enabled'
                   and 'pacemaker' not in values.get('DropInPaths', '')})


def lacking(names, booted=False):
    """Say which units do not run that did (list of str).

    One that ends by itself may have ended. One that has not failed, and that
    a socket, timer or path of its own starts when it is needed, may wait for
    that.

    :param booted: True when the node has been booted since: a unit of which
        a condition is not met then, as of one that is for the first boot
        alone, is as its administrator wants it.
    """
    shown = show(names, _LACKING + _PASSING) if names else {}
    wrong = {name: values for name, values in shown.items()
             if values.get('ActiveState') not in ('active', 'reloading')
             and (values.get('Type'), values.get('RemainAfterExit'))
             != ('oneshot', 'no')
             and not (booted and _is_unmet(values))}
    starters = states(sorted({one for values in wrong.values() for one
                              in values.get('TriggeredBy', '').split()}))
    return ['%s is %s%s' % (name, values.get('ActiveState'), _why(values))
            for name, values in sorted(wrong.items())
            if values.get('ActiveState') != 'inactive' or not any(
                starters[one] == 'active'
                for one in values.get('TriggeredBy', '').split())]


def _why(values):
    """Say in what way a unit has failed, as systemd calls it, or ''."""
    if values.get('Result', 'success') == 'success':
        return ''
    return ' (%s%s)' % (
        values['Result'], ' %s' % values['ExecMainStatus']
        if values.get('ExecMainStatus', '0') != '0' else '')


def _is_unmet(values):
    """Tell whether a unit was to start and a condition has kept it off."""
    return (values.get('ActiveState') == 'inactive'
            and values.get('ConditionResult') == 'no'
            and values.get('ConditionTimestampMonotonic', '0') != '0')


def with_pulled(names, active):
    """Add what stops with units, or would start them again.

    :param names: units to stop (list of str).
    :param active: all units that run.
    :returns: the units and what they pull along.
    :raises errors.NodeError: a unit that may never stop would stop too.
    """
    known, fresh = list(names), list(names)
    while fresh:
        shown = show(fresh, _PULLED)
        fresh = []
        for name, values in sorted(shown.items()):
            for key in _PULLED:
                for other in values.get(key, '').split():
                    if other in known or other not in active:
                        continue
                    refuse_protected(name, other)
                    known.append(other)
                    fresh.append(other)
    return known


def refuse_protected(name, other):
    """Refuse to stop a unit with which another would stop, or that another
    would start again, which may never stop.

    :raises errors.NodeError: it is so.
    """
    if is_protected(other):
        raise errors.NodeError(
            'Resting %s takes stopping %s, which must stay.' % (name, other),
            'Take %s off [quiesce] units.' % name)


def act(verb, names, seconds=20):
    """Ask systemd to start or stop units and return at once.

    :param verb: ``start`` or ``stop``.
    """
    if names:
        command.run(['systemctl', verb, '--no-block', '--'] + list(names),
                    _HINT, seconds)


def wait(names, wanted, until, clock, meanwhile=None):
    """Wait until units are in a state.

    :param names: units (list of str).
    :param wanted: function of an active state that tells if it is right.
    :param until: time of the given clock at which to give up.
    :param clock: function that gives seconds.
    :param meanwhile: called each time with those that are not yet.
    :returns: {unit: state} of those that are not.
    """
    pause = 0.05
    while True:
        found = states(list(names)) if names else {}
        wrong = {name: state for name, state in found.items()
                 if not wanted(state)}
        if not wrong or clock() >= until:
            return wrong
        if meanwhile is not None:
            meanwhile(wrong)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)


def reload():
    """Make systemd read its unit files again."""
    command.run(['systemctl', 'daemon-reload'], _HINT)


def reset_failed(names):
    """Forget that units failed, so that systemd lets them start again."""
    if names:
        command.attempt(['systemctl', 'reset-failed', '--'] + list(names))
