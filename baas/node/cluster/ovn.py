# SPDX-License-Identifier: Apache-2.0
"""The databases of OVN on this node."""
import os
import re
import socket
import time

from baas.node import errors
from baas.node.system import clock
from baas.node.system import command
from baas.node.system import container_tool
from baas.node.system import presence

DATABASES = {'OVN_Northbound': 'ovnnb_db.sock',
             'OVN_Southbound': 'ovnsb_db.sock'}
_NAMES = {file: name for name, file in DATABASES.items()}
FOLDERS = ('/run/ovn', '/var/run/ovn', '/var/lib/openvswitch/ovn',
           '/run/openvswitch')
_LOOK = ('command -v ovsdb-client >/dev/null || exit 0; '
         'for path in "$0" "$@"; do [ ! -S "$path" ] || echo "$path"; done')
_LEFTOVER = 'Connection refused'
_NO_MEMBER = ('unknown cluster', 'is not a valid command')
"""What a server says of a database that is in no cluster."""
_IN_CLUSTER = ('cluster member', 'disconnected')
"""How the status of a member begins; without a leader it soon is the other."""
_REMOVAL, _ANSWER = 60, 20  # seconds
# As cluster/status prints it, see ovsdb-server(1).
_PAIR = re.compile(r'^([A-Z][A-Za-z ]+): (.*)$', re.MULTILINE)
_ID = re.compile(r'[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}')
_SERVER = re.compile(r'^ +([0-9a-f]{4}) \([0-9a-f]{4} at ([^)]+)\)',
                     re.MULTILINE)
_HINT = 'See what ovsdb-client says on the node, and repair this database.'


def backups():
    """Give what would make the databases again.

    :returns: {name of the database: snapshot (str)}; none where there is no
        OVN, or only another node has it.
    :raises baas.node.errors.Unknown: one runs here and does not give it.
    """
    found = {}
    for client, path in _sockets():
        name = _NAMES[os.path.basename(path)]
        if name in found:
            continue
        # A member that does not lead may have it to give as well.
        ask = client + ['--no-leader-only', '--timeout=30', 'backup',
                        'unix:' + path, name]
        status, out, said = command.attempt(ask, 60)
        if not status and out.startswith('OVSDB '):
            found[name] = out
        elif _is_at_work(client, path, said):
            raise presence.unanswered(ask, status, said or out, _HINT)
    return found


def members():
    """Tell how this node's servers of a Raft are.

    :returns: {name of the database: {'cluster_id', 'servers': {first four
        digits of its id: address} of all members, 'leader': whether it knows
        one}}; none for a database that is no member of a cluster, or only
        joins one.
    :raises baas.node.errors.Unknown: one runs here and does not say.
    """
    found = {}
    for client, path in _sockets():
        name = _NAMES[os.path.basename(path)]
        if name in found:
            continue
        ask = _control(client, path) + ['cluster/status', name]
        status, out, said = command.attempt(ask, _ANSWER + 10)
        if not status:
            found[name] = _member(ask, out)
        elif not any(word in said for word in _NO_MEMBER) and (
                _is_at_work(client, path, said)):
            raise presence.unanswered(ask, status, said or out, _HINT)
    return {name: one for name, one in found.items() if one}


def remove_member(name, address, new_id):
    """Have the others go on without a server that is lost; harmless where
    nobody knows it.

    :param name: of the database, served here.
    :param address: of the lost server in the cluster.
    :param new_id: of the server that has its address now, and stays.
    :returns: True when it is in the cluster no more, False when nobody here
        serves the database.
    :raises baas.node.errors.NodeError: the cluster does not let it go.
    """
    until = clock.boottime() + _REMOVAL
    while clock.boottime() < until:
        here = members().get(name)
        if here is None:
            return False
        lost = [one for one, its in here['servers'].items()
                if its == address and not new_id.startswith(one)]
        if not lost:
            return True
        for client, path in _sockets():
            if _NAMES[os.path.basename(path)] == name:
                command.attempt(_control(client, path) + [
                    'cluster/kick', name, lost[0]], _ANSWER + 10)
        time.sleep(0.5)
    raise errors.NodeError(
        'The cluster of %s has not removed its lost member %s within %d s.'
        % (name, address, _REMOVAL),
        'See what cluster/status says of it; a cluster without a leader '
        'removes nobody.')


def _control(client, path):
    """Give the words that ask the server of a socket itself."""
    return client[:-1] + ['ovs-appctl', '--timeout=%d' % _ANSWER,
                          '-t', path[:-len('sock')] + 'ctl']


def _member(ask, text):
    """Read what cluster/status says; None for who is no member yet."""
    said = dict(_PAIR.findall(text))
    ids = _ID.findall(said.get('Cluster ID', ''))
    if 'Status' not in said:
        raise presence.unreadable(ask, text, _HINT)
    if not ids or not said['Status'].startswith(_IN_CLUSTER):
        return None
    return {'cluster_id': ids[0], 'servers': dict(_SERVER.findall(text)),
            'leader': said.get('Leader', 'unknown') != 'unknown'}


def _sockets():
    """Find what may be a database: iterator of (the words that a client
    starts with, path of its socket where that client runs)."""
    paths = [os.path.join(folder, file) for file in sorted(_NAMES)
             for folder in FOLDERS]
    client = command.find('ovsdb-client')
    if client:
        for path in filter(os.path.exists, paths):
            yield [client], path
        return
    # The node and each container may have the folders elsewhere.
    for words, said in container_tool.said([_LOOK, *paths], 'ovn'):
        for path in said.split():
            yield words + ['ovsdb-client'], path


def _is_at_work(client, path, said):
    """Tell whether who has not answered is there all the same."""
    if len(client) == 1:
        return _is_served(path)
    return _LEFTOVER not in said


def _is_served(path):
    """Tell whether somebody listens at a socket, or it is a leftover."""
    probe = socket.socket(socket.AF_UNIX)
    try:
        probe.settimeout(5)
        probe.connect(path)
    except (ConnectionRefusedError, FileNotFoundError):
        return False
    except OSError:
        return True
    finally:
        probe.close()
    return True
