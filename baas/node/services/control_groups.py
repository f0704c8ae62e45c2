# SPDX-License-Identifier: Apache-2.0
"""Control groups of units: those that a freeze holds still."""
import fnmatch

from baas.node.cluster import galera
from baas.node.cluster import mariadb
from baas.node.system import cgroups
from baas.node.system import containers
from baas.node.system import systemd

STILL = ('pacemaker*', 'corosync*', 'sbd*', 'pcsd*') + galera.SERVERS
"""What goes on running in a freeze: it would be fenced, or is locked."""
DATABASES = set(mariadb.SERVERS)


def freezable(names):
    """Keep the services that have processes, and are no database."""
    names = [name for name in names if name.endswith('.service')
             and not any(fnmatch.fnmatchcase(name, glob) for glob in STILL)]
    shown = systemd.show(names, ['SubState', 'ControlGroup'])
    names = [name for name in names if shown[name].get('ControlGroup')
             and shown[name].get('SubState') != 'exited']
    where = folders(names)
    return [name for name in names
            if not any(cgroups.processes(path) & DATABASES
                       for path in where[name])]


def folders(names):
    """Give the control groups of units, those of their containers too.

    :returns: {unit: [paths]}; none for a unit that cannot freeze.
    """
    shown = systemd.show(names, ['ControlGroup', 'MainPID']) if names else {}
    owned = containers.groups({
        name: (values.get('ControlGroup', ''), values.get('MainPID', '0'))
        for name, values in shown.items()})
    found = {}
    for name in names:
        groups = [shown[name].get('ControlGroup', '')] + owned.get(name, [])
        paths = [cgroups.folder(group) for group in groups
                 if not cgroups.holds_us(group)]
        found[name] = [path for path in paths if path]
    return found
