# SPDX-License-Identifier: Apache-2.0
"""The databases of OVN on this node."""
import os
import socket

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
        status, out, errors = command.attempt(ask, 60)
        if not status and out.startswith('OVSDB '):
            found[name] = out
        elif (_is_served(path) if len(client) == 1
              else _LEFTOVER not in errors):
            raise presence.unanswered(ask, status, errors or out, _HINT)
    return found


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
