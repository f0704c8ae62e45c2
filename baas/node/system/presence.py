# SPDX-License-Identifier: Apache-2.0
"""Questions to tools of this node: what they say, or that nobody knows.

A tool that is not installed, for a service of which no process runs, means
that the service is not here. A tool that fails, hangs or says what cannot be
read means nothing at all, as long as something says that the service is."""
import os

from baas.node import errors
from baas.node import paths
from baas.node.system import command

_NAME = 15
"""Letters that the kernel keeps of the name of a process."""
_ENGINES = ('libpod', 'docker', 'crio', 'containerd')
"""What is in the names of control groups of containers."""


def ask(words, hint, seconds=60, well=(0,), **more):
    """Ask a tool, and give what it said (str).

    :param words: the command (list of str).
    :param hint: what to do when it does not answer.
    :param seconds: time limit.
    :param well: exit statuses of an answer.
    :param more: environment variables.
    :raises errors.Unknown: it did not answer.
    """
    status, out, errors = command.attempt(words, seconds, **more)
    if status not in well:
        raise unanswered(words, status, errors or out, hint)
    return out


def unanswered(words, status, said, hint):
    """Make the error of a tool that did not answer.

    :param status: its exit status; 124 when it took too long.
    :param said: what it said instead (str).
    :returns: :class:`errors.Unknown`.
    """
    return errors.Unknown('%s ended with %d: %s.' % (
        ' '.join(words)[:120], status, command.last_line(said)), hint)


def unreadable(words, said, hint):
    """Make the error of a tool whose answer cannot be read.

    :returns: :class:`errors.Unknown`.
    """
    return errors.Unknown('%s has said what cannot be read: %s.' % (
        ' '.join(words)[:120], ascii(command.last_line(said))[:120]), hint)


def runs(*names, word=''):
    """Tell whether a process of this node runs, in a container or not.

    Those of machines inside this one, such as LXC's, are not of this node:
    they have numbers of their own, and nobody here keeps their services.

    :param names: names of programs.
    :param word: what one of its arguments is, or ''.
    """
    wanted = {name[:_NAME] for name in names}
    own = os.readlink('/proc/self/ns/pid')
    for number in os.listdir(paths.PROC):
        if number.isdigit():
            try:
                if _read(number, 'comm').strip() in wanted and (
                        not word or word in _read(
                            number, 'cmdline').split('\0')) and (
                        _is_here(number, own)):
                    return True
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has ended meanwhile
    return False


def _is_here(number, own):
    if os.readlink(os.path.join(paths.PROC, number, 'ns/pid')) == own:
        return True
    groups = _read(number, 'cgroup')
    return any(engine in groups for engine in _ENGINES)


def _read(number, name):
    with open(os.path.join(paths.PROC, number, name),
              errors='replace') as handle:
        return handle.read()
