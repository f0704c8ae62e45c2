# SPDX-License-Identifier: Apache-2.0
"""The databases of OVN on this node."""
import os

from baas.node import command
from baas.node import inside

DATABASES = {'OVN_Northbound': 'ovnnb_db.sock',
             'OVN_Southbound': 'ovnsb_db.sock'}
FOLDERS = ('/run/ovn', '/var/run/ovn', '/var/lib/openvswitch/ovn',
           '/run/openvswitch')


def backups():
    """Give what would make the databases again.

    :returns: {name of the database: snapshot (str)}; none where there is no
        OVN, or only another node has it.
    """
    words = inside.tool(('ovsdb-client',), 'ovn')
    if words is None:
        return {}
    found = {}
    for name, socket in sorted(DATABASES.items()):
        for folder in FOLDERS:
            path = os.path.join(folder, socket)
            if name in found or not os.path.exists(path):
                continue
            # A member that does not lead may have it to give as well.
            status, out, _ = command.attempt(
                words + ['--no-leader-only', '--timeout=30', 'backup',
                         'unix:' + path, name], 60)
            if not status and out.startswith('OVSDB '):
                found[name] = out
    return found
