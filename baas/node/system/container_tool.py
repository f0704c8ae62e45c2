# SPDX-License-Identifier: Apache-2.0
"""Find a tool on the node, or in the container that its service runs in."""
from baas.node.system import command
from baas.node.system import container_engine
from baas.node.system import presence

_HINT = 'Look at the containers of the node, as with podman ps.'
_FIRST = ('for name in "$0" "$@"; do command -v "$name" >/dev/null && '
          'echo "$name" && exit; done; exit 42')
_MISSING = (42, 126, 127)
"""How the script says that there is none, and engines that there is no shell.
With 1 Docker says that a container is paused, and other things."""


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
    for words, out in said([_FIRST, *names], *containers):
        return words + [out.strip()]
    return None


def said(script, *containers):
    """Ask containers, one after the other, by a script of the shell.

    :param script: the script, and its arguments from ``$0`` on.
    :param containers: what the names of the containers hold, the preferred
        first.
    :returns: iterator of (the words a command in the container starts with,
        what the script has printed there); those without a shell are left
        out.
    :raises errors.Unknown: at the end, if one did not answer.
    """
    running, silent = _running(), None
    for engine, name in dict.fromkeys(
            one for part in containers for one in running if part in one[1]):
        words = [engine, 'exec', name, 'sh', '-c'] + script
        status, out, errors = command.attempt(words, 20)
        if not status:
            yield [engine, 'exec', '-i', name], out
        elif status not in _MISSING:
            silent = silent or ((engine, name), presence.unanswered(
                words, status, errors or out, _HINT))
    # One that has ended meanwhile has nothing to say.
    if silent and silent[0] in _running():
        raise silent[1]


def _running():
    """List the containers that run: (path of the engine, name)."""
    return [(engine, name) for engine in container_engine.paths()
            for name in presence.ask([engine, 'ps', '--format', '{{.Names}}'],
                                     _HINT, 20).split()]
