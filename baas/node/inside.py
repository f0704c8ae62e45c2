# SPDX-License-Identifier: Apache-2.0
"""Find a tool on the node, or in the container that its service runs in."""
from baas.node import command


def tool(names, container):
    """Give the words a command starts with, or None when it is nowhere.

    :param names: names of the tool, the preferred one first.
    :param container: what the name of the service's container holds.
    """
    path = command.find(*names)
    if path:
        return [path]
    engine = command.find('podman', 'docker')
    if not engine:
        return None
    status, out, _ = command.attempt(
        [engine, 'ps', '--format', '{{.Names}}'], 20)
    running = [name for name in out.split() if container in name]
    for name in running if not status else ():
        for wanted in names:
            status, _, _ = command.attempt(
                [engine, 'exec', name, 'which', wanted], 20)
            if not status:
                return [engine, 'exec', '-i', name, wanted]
    return None
