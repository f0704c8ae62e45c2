# SPDX-License-Identifier: Apache-2.0
"""The databases of OVN on this node."""
import os
import socket

from baas.node.system import command
from baas.node.system import container_tool
from baas.node.system import presence

DATABASES = {'OVN_Northbound': 'ovnnb_db.sock',
             'OVN_Southbound': 'ovnsb_db.sock'}
FOLDERS = ('/run/ovn', '/var/run/ovn', '/var/lib/openvswitch/ovn',
           '/run/openvswitch')
_HINT = 'See what ovsdb-client says on the node, and repair this database.'


def backups():
    """Give what would make the databases again.

    :returns: {name of the database: snapshot (str)}; none where there is no
        OVN, or only another node has it.
    :raises baas.node.errors.Unknown: one runs here and does not give it.
    """
    words = container_tool.tool(('ovsdb-client',), 'ovn')
    if words is None:
        return {}
    found = {}
    for name, file in sorted(DATABASES.items()):
        for folder in FOLDERS:
            path = os.path.join(folder, file)
            if name in found or not os.path.exists(path):
                continue
            # A member that does not lead may have it to give as well.
            ask = words + ['--no-leader-only', '--timeout=30', 'backup',
                           'unix:' + path, name]
            status, out, errors = command.attempt(ask, 60)
            if not status and out.startswith('OVSDB '):
                found[name] = out
            elif _is_served(path):
                raise presence.unanswered(ask, status, errors or out, _HINT)
    return found


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
