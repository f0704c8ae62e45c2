# SPDX-License-Identifier: Apache-2.0
"""Clear out of a restored tree what was true only at the moment."""
import os
import re

from baas.node import deadman
from baas.node import durable

_GALERA = ('grastate.dat', 'gvwstate.dat', 'galera.cache')
_SETTINGS = ('etc/my.cnf', 'etc/my.cnf.d', 'etc/mysql',
             'var/lib/config-data/puppet-generated/mysql/etc')
_DATA = 'var/lib/mysql'
_BROKER = 'var/lib/rabbitmq/mnesia'
_CLUSTERED = re.compile(r'^\s*wsrep_cluster_address\s*=\s*"?gcomm://',
                        re.MULTILINE)


def clear(root):
    """Remove the record and the dead-man of the backup job.

    :param root: top of the tree (str).
    :returns: paths removed, as the node will know them.
    """
    wanted = ['var/lib/baas-node/record.json', 'var/lib/baas-node/lock',
              'etc/systemd/system/' + deadman.NAME,
              'etc/systemd/system/multi-user.target.wants/' + deadman.NAME]
    removed = []
    for name in wanted:
        path = os.path.join(root, name)
        if os.path.lexists(path):
            durable.remove(path)
            removed.append('/' + name)
    return removed


def forget_cluster(root, job):
    """Move the node's old share of the clusters away, so that it joins anew.

    :returns: paths moved, as the node will know them.
    """
    names = []
    if is_galera(root):
        names += [os.path.join(_DATA, name) for name in _GALERA]
    names.append(_BROKER)
    moved = []
    for name in names:
        path = os.path.join(root, name)
        if os.path.lexists(path):
            os.rename(path, '%s.baas-%s' % (path, job[:8]))
            durable.sync_folder(os.path.dirname(path))
            moved.append('/' + name)
    return moved


def is_galera(root):
    """Tell whether a tree is set up as a member of a Galera cluster."""
    for name in _SETTINGS:
        path = os.path.join(root, name)
        files = [path] if os.path.isfile(path) else [
            os.path.join(folder, file) for folder, _, files in os.walk(path)
            for file in files if file.endswith('.cnf')]
        for file in files:
            if os.path.isfile(file) and _names_cluster(file):
                return True
    return False


def _names_cluster(path):
    with open(path, encoding='utf-8', errors='replace') as handle:
        return bool(_CLUSTERED.search(handle.read()))
