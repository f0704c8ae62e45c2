# SPDX-License-Identifier: Apache-2.0
"""This node as a member of a Galera cluster."""
import os
import time

from baas.node.cluster import galera_container
from baas.node.cluster import mariadb
from baas.node import errors
from baas.node.system import atomic_file
from baas.node.system import clock
from baas.node.system import command
from baas.node.system import presence
from baas.node.system import systemd

IN_CONTAINERS = ('kolla-mariadb-container.service',)
"""Units of a server that kolla-ansible has in a container."""
SERVERS = ('mariadb.service', 'mysql.service',
           'mysqld.service') + IN_CONTAINERS
"""Units of a server that systemd itself runs; Pacemaker knows its own."""
FOLDERS = ('var/lib/mysql', 'var/lib/docker/volumes/mariadb/_data',
           'var/lib/containers/storage/volumes/mariadb/_data')
"""Where data is, below the root: kolla-ansible has it in a volume."""
_WANTED = ('wsrep_local_state_comment', 'wsrep_cluster_size',
           'wsrep_cluster_status', 'wsrep_local_index')
_STATE = 'grastate.dat'
UNKNOWN = '00000000-0000-0000-0000-000000000000'
"""What stands for the id of a cluster while there is none."""


def state():
    """Tell how this member is.

    :returns: {'state', 'size', 'status', 'index'}; None without Galera.
    :raises errors.Unknown: a server runs, and does not answer.
    """
    rows = mariadb.ask("SHOW GLOBAL STATUS LIKE 'wsrep_%'")
    if any(len(row) != 2 or not row[0].startswith('wsrep_')
           for row in rows or ()):
        raise errors.Unknown(
            'The database has said what cannot be read: %s.'
            % ascii(rows[0])[:60],
            'See what SHOW GLOBAL STATUS says in mysql on the node.')
    values = dict(rows or ())
    if not values.get('wsrep_cluster_size', '').isdigit() or (
            values.get('wsrep_local_state_comment') in (None, '')):
        return None
    found = [values.get(name, '') for name in _WANTED]
    if found[2] == 'Disconnected' and found[1] == '0':
        return None
    return {'state': found[0], 'size': int(found[1]), 'status': found[2],
            'index': int(found[3]) if found[3].isdigit() else None}


def wait_for_turn(stage, until):
    """Let the first member stop last, so that it can start the others.

    All members agree on who is first: the one with index 0. When others do
    not leave in time nothing is lost, then the last to stop starts them.

    :param stage: units that are about to stop.
    :param until: boot time at which to stop waiting.
    """
    if not any(name in SERVERS for name in stage):
        return
    while clock.boottime() < until:
        try:
            member = state()
        except errors.Unknown:
            # It may be busy with those who leave.
            member = {'index': 0, 'size': 2}
        if not member or member['index'] != 0 or member['size'] < 2:
            return
        time.sleep(0.2)


def wait_until_synced(until):
    """Wait until this member takes writes again, or there is no time left.

    :param until: boot time at which to stop waiting.
    """
    while clock.boottime() < until:
        # To ask costs more than a look, and this is a busy time.
        if presence.runs(*mariadb.SERVERS):
            try:
                member = state()
            except errors.NodeError:
                member = None
            if member and member['state'] == 'Synced':
                return
        time.sleep(1)


def start(name):
    """Start a server as the first of its cluster if it was the last to stop.

    :param name: a unit.
    :returns: False when it is to be started as any other unit.
    :raises errors.NodeError: it is not started.
    """
    if name not in SERVERS or not _was_last():
        return False
    if name in IN_CONTAINERS:
        galera_container.start(name)
        return True
    word = '_WSREP_NEW_CLUSTER=--wsrep-new-cluster'
    hint = 'Look at systemctl status of %s.' % name
    command.run(['systemctl', 'set-environment', word], hint)
    try:
        systemd.act('start', [name])
        # The unit reads the variable when its job runs, which is at once
        # unless it waits for another unit.
        systemd.wait([name], lambda state: state != 'inactive',
                     clock.boottime() + 10, clock.boottime)
        time.sleep(2)
    finally:
        command.run(['systemctl', 'unset-environment',
                     '_WSREP_NEW_CLUSTER'], hint)
    return True


def waits(name):
    """Tell whether a server waits for members that wait for it: it was the
    last to stop, and a boot or somebody has started it as one that joins.

    :param name: a unit that runs.
    """
    if name not in IN_CONTAINERS or not _was_last() \
            or not galera_container.joins():
        return False
    try:
        member = state()
    except errors.Unknown:
        return True
    return not member or member['status'] != 'Primary'


def data(root='/'):
    """Give the folder with the data of the server, running or not."""
    found = [path for path in (os.path.join(root, name) for name in FOLDERS)
             if os.path.isdir(path)]
    kept = [path for path in found
            if os.path.exists(os.path.join(path, _STATE))]
    return (kept + found + [os.path.join(root, FOLDERS[0])])[0]


def saved(folder=None):
    """Give what a member that is not running wrote about itself.

    :param folder: where its data is; :func:`data` tells when None.
    :returns: mapping of text: uuid, seqno, safe_to_bootstrap; may be empty.
    """
    try:
        with open(os.path.join(folder or data(), _STATE)) as handle:
            pairs = [line.partition(':') for line in handle
                     if not line.startswith('#')]
    except OSError:
        return {}
    return {name.strip(): value.strip() for name, _, value in pairs
            if value.strip()}


def appoint(first, folder=None):
    """Say whether this member starts the cluster or joins it.

    :param first: True for the one member that starts it.
    :param folder: as of :func:`saved`.
    """
    folder = folder or data()
    kept = saved(folder)
    mark = '1' if first else '0'
    if kept.get('safe_to_bootstrap', '0') == mark:
        return
    values = {'version': '2.1', 'uuid': UNKNOWN, 'seqno': '-1'}
    values.update(kept, safe_to_bootstrap=mark)
    path = os.path.join(folder, _STATE)
    owner = os.stat(folder)
    atomic_file.write(path, '# GALERA saved state\n' + ''.join(
        '%-18s%s\n' % (name + ':', value)
        for name, value in values.items()))
    os.chown(path, owner.st_uid, owner.st_gid)


def _was_last():
    return saved().get('safe_to_bootstrap') == '1'
