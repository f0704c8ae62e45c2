# SPDX-License-Identifier: Apache-2.0
"""This node as a member of a Galera cluster."""
import os
import time

from baas.node.cluster import mariadb
from baas.node import errors
from baas.node.system import atomic_file
from baas.node.system import clock
from baas.node.system import command
from baas.node.system import systemd

SERVERS = ('mariadb.service', 'mysql.service', 'mysqld.service')
"""Units of a server that systemd itself runs; Pacemaker knows its own."""
_WANTED = ('wsrep_local_state_comment', 'wsrep_cluster_size',
           'wsrep_cluster_status', 'wsrep_local_index')
_DATA = '/var/lib/mysql'
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


def start(name):
    """Start a server as the first of its cluster if it was the last to stop.

    :param name: a unit.
    :returns: False when it is to be started as any other unit.
    """
    if name not in SERVERS or not _was_last():
        return False
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


def saved(folder=_DATA):
    """Give what a member that is not running wrote about itself.

    :param folder: where its data is.
    :returns: mapping of text: uuid, seqno, safe_to_bootstrap; may be empty.
    """
    try:
        with open(os.path.join(folder, _STATE)) as handle:
            pairs = [line.partition(':') for line in handle
                     if not line.startswith('#')]
    except OSError:
        return {}
    return {name.strip(): value.strip() for name, _, value in pairs
            if value.strip()}


def appoint(first, folder=_DATA):
    """Say whether this member starts the cluster or joins it.

    :param first: True for the one member that starts it.
    :param folder: where its data is.
    """
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
