# SPDX-License-Identifier: Apache-2.0
"""Control groups of version 2, whose processes can be held still."""
import os
import time

from baas.node.system import clock

_MOUNTS = '/proc/self/mounts'


def top():
    """Give where control groups of version 2 are mounted, or None."""
    with open(_MOUNTS, errors='surrogateescape') as handle:
        for line in handle:
            fields = line.split()
            if fields[2] == 'cgroup2':
                return fields[1]
    return None


def folder(group):
    """Give the folder of a control group (path as systemd says it).

    :returns: path; None when there is no such group that can be frozen.
    """
    where = top()
    if not where or not group.strip('/'):
        return None
    path = os.path.join(where, group.lstrip('/'))
    return path if os.path.exists(_switch(path)) else None


def _switch(path):
    return os.path.join(path, 'cgroup.freeze')


def freeze(path):
    """Ask the kernel to hold all processes below a folder still.

    :raises OSError: there is no such group any more.
    """
    with open(_switch(path), 'w') as handle:
        handle.write('1')


def thaw(path):
    """Let them go on; a group that is gone needs none of it."""
    try:
        with open(_switch(path), 'w') as handle:
            handle.write('0')
    except OSError:
        # Whoever was in it is gone, or it never could be frozen.
        return


def is_frozen(path):
    """Tell whether all processes below a folder stand still."""
    try:
        with open(os.path.join(path, 'cgroup.events')) as handle:
            return 'frozen 1' in handle.read().splitlines()
    except OSError:
        return False


def wait(paths, until):
    """Wait until all groups stand still.

    :param until: boot time at which to give up.
    :returns: paths of those that do not.
    """
    while True:
        wrong = [path for path in paths if not is_frozen(path)]
        if not wrong or clock.boottime() >= until:
            return wrong
        time.sleep(0.01)


def numbers(group):
    """Give the numbers of the processes of a control group (path as systemd
    says it), without those below it (list of int)."""
    where = top()
    if not where or not group.strip('/'):
        return []
    return [int(number) for number in _numbers(
        os.path.join(where, group.lstrip('/'), 'cgroup.procs'))]


def processes(path):
    """Name the programs that run in a group and below it (set of str)."""
    names = set()
    for place, _, files in os.walk(path):
        if 'cgroup.procs' in files:
            names.update(_names(os.path.join(place, 'cgroup.procs')))
    return names


def _numbers(path):
    try:
        with open(path) as handle:
            return handle.read().split()
    except OSError:
        return []


def _names(path):
    for number in _numbers(path):
        try:
            with open('/proc/%s/comm' % number) as handle:
                yield handle.read().strip()
        except OSError:
            continue  # it has ended meanwhile


def own():
    """Give the control group of this very process (str, or '')."""
    with open('/proc/self/cgroup') as handle:
        for line in handle:
            if line.startswith('0::'):
                return line[3:].strip()
    return ''  # pragma: no cover - no node without cgroup2 here


def holds_us(group):
    """Tell whether this very process is in a control group (str), or below
    it."""
    return bool(group) and (own() + '/').startswith(group.rstrip('/') + '/')
