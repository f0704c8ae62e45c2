# SPDX-License-Identifier: Apache-2.0
"""What starts services by itself: sockets, timers and paths.

One whose service does not run at the moment would start it while all is
quiesced, and one that is not held starts it before a restored node may
rejoin."""
import os

from baas.node.system import systemd

KINDS = ('socket', 'timer', 'path')
FOLDERS = ('etc/systemd/system', 'usr/local/lib/systemd/system',
           'usr/lib/systemd/system', 'lib/systemd/system')
"""Where the files of units are, those first that count more."""
_SETTINGS = {'socket': 'Service', 'timer': 'Unit', 'path': 'Unit'}


def is_one(name):
    """Tell whether a unit is of a kind that starts others."""
    return _kind(name) in KINDS


def first(names):
    """Put those that start others first (list)."""
    return sorted(names, key=lambda name: not is_one(name))


def waking(names):
    """Put units in the order in which they can start (list).

    A socket is refused while its service runs, and what a timer or a path
    starts may as well be there before.
    """
    return sorted(names, key=lambda name: (
        'socket', 'service', 'timer', 'path').index(_kind(name))
        if _kind(name) in systemd.KINDS else 1)


def running(names):
    """Tell what units start.

    :param names: units that run (list of str); others than triggers are
        left out.
    :returns: {trigger: [units that it starts]}; a socket with a service for
        each connection starts a template.
    """
    names = [name for name in names if is_one(name)]
    shown = systemd.show(names, ['Triggers', 'Accept']) if names else {}
    return {name: _template(name) if values.get('Accept') == 'yes'
            else values.get('Triggers', '').split()
            for name, values in shown.items()}


def of(globs, active, still=()):
    """Name the triggers that globs mean, or that may start what they mean.

    :param globs: names and globs of units.
    :param active: all units that run (list of str).
    :param still: those that nothing could start, as they run.
    :raises errors.NodeError: one of them may never stop.
    """
    found = []
    for name, started in sorted(running(active).items()):
        meant = started if systemd.chosen([name], globs) else systemd.chosen(
            started, globs)
        meant = [one for one in meant if one not in still]
        if meant:
            systemd.refuse_protected(meant[0], name)
            found.append(name)
    return found


def installed(root):
    """Tell what the units of a system that does not run would start.

    :param root: where its root is mounted (str).
    :returns: as :func:`running`, of all triggers that have a file.
    """
    found = {}
    for folder in FOLDERS:
        path = os.path.join(root, folder)
        for name in os.listdir(path) if os.path.isdir(path) else ():
            if is_one(name):
                found[name] = None
    return {name: _started(root, name) for name in sorted(found)}


def opened(names, globs, started):
    """Add to units what would start them.

    :param names: units that globs mean.
    :param globs: which units.
    :param started: as :func:`installed` gives it.
    :returns: sorted list.
    """
    return sorted(set(names) | {
        name for name, services in started.items()
        if not systemd.is_protected(name) and systemd.chosen(services, globs)})


def _kind(name):
    return name.rpartition('.')[2]


def _template(name):
    return ['%s@.service' % name.rpartition('.')[0]]


def _started(root, name):
    """Read in the files of a trigger what it starts."""
    setting, told = _SETTINGS[_kind(name)], {}
    for path in _files(root, name):
        with open(path, errors='replace') as handle:
            for line in handle:
                key, equals, value = line.partition('=')
                if equals and key.strip() in (setting, 'Accept'):
                    told[key.strip()] = value.strip()
    if told.get('Accept', '').lower() in ('yes', 'true', 'on', '1'):
        return _template(name)
    # An instance starts the instance of the same name.
    return [told.get(setting) or name.rpartition('.')[0] + '.service']


def _files(root, name):
    """Give the file of a unit and its drop-ins, what counts more last."""
    paths = [os.path.join(root, folder, name) for folder in FOLDERS]
    found = [path for path in paths if os.path.isfile(path)][:1]
    for path in reversed(paths):
        if os.path.isdir(path + '.d'):
            found += [os.path.join(path + '.d', one)
                      for one in sorted(os.listdir(path + '.d'))
                      if one.endswith('.conf')]
    return found
