# SPDX-License-Identifier: Apache-2.0
"""Clear out of a restored tree what was true only at the consistency point."""
import os
import xml.etree.ElementTree as elements

from baas.node.cluster import galera
from baas.node.cluster import galera_container
from baas.node import journal
from baas.node.quiesce import deadman
from baas.node.restore import raft_file
from baas.node.services import pacemaker
from baas.node.system import atomic_file

_VIEW = 'gvwstate.dat'
_GALERA = ('grastate.dat', _VIEW, 'galera.cache')
_RECORD = 'var/lib/baas-node/journal.json'
_CIB = 'var/lib/pacemaker/cib/cib.xml'
_SETTINGS = ('etc/my.cnf', 'etc/my.cnf.d', 'etc/mysql', 'etc/kolla/mariadb',
             'var/lib/config-data/puppet-generated/mysql/etc')
# kolla-ansible has them in volumes of its engine.
_VOLUMES = ('var/lib/docker/volumes', 'var/lib/containers/storage/volumes')
_BROKERS = ['var/lib/rabbitmq/mnesia'] + [
    folder + '/rabbitmq/_data/mnesia' for folder in _VOLUMES]


def clear(root):
    """Remove the journal and the dead-man of the backup job, and what only
    processes of that time have made where OVN's folder for such files is one
    on a disk.

    :param root: top of the tree (str).
    :returns: paths removed, as the node will know them.
    """
    wanted = [_RECORD, 'var/lib/baas-node/lock',
              'etc/systemd/system/' + deadman.NAME,
              'etc/systemd/system/multi-user.target.wants/' + deadman.NAME]
    # By its number another process may run, and the server does not start.
    wanted += [os.path.relpath(path, root) for path in raft_file.runtime(root)]
    removed = []
    for name in wanted:
        path = os.path.join(root, name)
        if os.path.lexists(path):
            atomic_file.remove(path)
            removed.append('/' + name)
    return removed


def record(root):
    """Give the journal of the backup that the image holds (dict, maybe
    empty). Of one of another format only the undos are understood; it is no
    reason not to restore."""
    try:
        return journal.load(os.path.join(root, _RECORD)) or {}
    except journal.UnknownFormat as error:
        return {'undos': error.data.get('undos', [])}


def end_maintenance(root):
    """Take Pacemaker out of the maintenance in which a backup put it.

    A flag that is nobody's claim is the operator's, and stays. The members
    of a cluster that starts anew take the newest of their configurations, so
    the changed one is made newer than those that still have the flag.

    :param root: top of the tree (str).
    :returns: True when a backup had put it there.
    """
    path = os.path.join(root, _CIB)
    if not os.path.isfile(path):
        return False
    top = elements.parse(path).getroot()
    was = None
    for parent in top.findall('configuration/crm_config/*'):
        for pair in parent.findall('nvpair'):
            if pair.get('name', '').startswith(pacemaker.CLAIM):
                was = pair.get('value', '').replace(pacemaker.LEAVING, '')
                parent.remove(pair)
    if was is None:
        return False
    for parent in top.findall('configuration/crm_config/*'):
        for pair in parent.findall('nvpair[@name="maintenance-mode"]'):
            if was == pacemaker.UNSET:
                parent.remove(pair)
            else:
                pair.set('value', was)
    top.set('epoch', str(int(top.get('epoch', '0')) + 1))
    atomic_file.replace(path, elements.tostring(top, encoding='unicode')
                        + '\n')
    # Pacemaker takes a file without a digest, and refuses a wrong one.
    atomic_file.remove(path + '.sig')
    return True


def forget_view(root, job):
    """Move away whom the Galera member saw last: a view of the past would
    have it wait for them in a cluster that starts anew.

    :returns: paths moved, as the node will know them.
    """
    return _move(root, job, [os.path.join(one, _VIEW)
                             for one in galera.FOLDERS])


def forget_cluster(root, job):
    """Move the node's old share of Galera and RabbitMQ away, so that it joins
    anew.

    :returns: paths moved, as the node will know them.
    """
    names = []
    if is_galera(root):
        names += [os.path.join(one, name) for one in galera.FOLDERS
                  for name in _GALERA]
    return _move(root, job, names + _BROKERS)


def forget_raft(root, job, living):
    """Have the databases of OVN join their clusters anew.

    :param living: {name of a database: {'cluster_id', 'servers'}} of the
        clusters that live; others are left as they are.
    :returns: [{'name', 'address', 'server_id', 'path' as the node will know
        it}] of those that will join.
    """
    joining = []
    for path in raft_file.find(root):
        was = raft_file.read(path)
        if was['name'] in living:
            joining.append({
                'name': was['name'], 'address': was['local_address'],
                'server_id': raft_file.join(
                    path, living[was['name']], _aside(path, job)),
                'path': '/' + os.path.relpath(path, root)})
    return joining


def _aside(path, job):
    return '%s.baas-%s' % (path, job[:8])


def _move(root, job, names):
    moved = []
    for name in names:
        path = os.path.join(root, name)
        if os.path.lexists(path):
            os.rename(path, _aside(path, job))
            atomic_file.sync_folder(os.path.dirname(path))
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
        return bool(galera_container.ADDRESS.search(handle.read()))
