# SPDX-License-Identifier: Apache-2.0
"""Find a tool on the node, or in the container that its service runs in."""
from baas.node.system import command
from baas.node.system import presence

_HINT = 'Look at podman ps on the node.'
_MISSING = (1, 127)
"""How shells say that they know no such command."""


def tool(names, *containers):
    """Give the words a command starts with, or None when it is nowhere.

    :param names: names of the tool, the preferred one first.
    :param containers: what the name of the service's container holds, the
        preferred first.
    :raises errors.Unknown: it may be in a container, and nobody can tell.
    """
    path = command.find(*names)
    if path:
        return [path]
    engine = command.find('podman', 'docker')
    if not engine:
        return None
    running, silent = _running(engine), None
    for name in [name for part in containers for name in running
                 if part in name]:
        for wanted in names:
            words = [engine, 'exec', name, 'sh', '-c', 'command -v "$0"',
                     wanted]
            status, out, errors = command.attempt(words, 20)
            if not status:
                return [engine, 'exec', '-i', name, wanted]
            if status not in _MISSING:
                silent = silent or (name, presence.unanswered(
                    words, status, errors or out, _HINT))
                break
    # One that has ended meanwhile has nothing to say.
    if silent and silent[0] in _running(engine):
        raise silent[1]
    return None


def _running(engine):
    return presence.ask([engine, 'ps', '--format', '{{.Names}}'], _HINT,
                        20).split()
