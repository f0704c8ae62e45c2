# SPDX-License-Identifier: Apache-2.0
"""Engines that run containers on this node: Podman and Docker."""
from baas.node import errors
from baas.node.system import command
from baas.node.system import presence

NAMES = ('podman', 'docker')
_SHIM = 'containerd-shim-runc-v2'
_DOCKERS = 'moby'
"""The namespace in which Docker has its containers; others have their own."""


def path(name):
    """Give the path of an engine, or None when it is not at work here.

    Podman has no daemon, and is at work wherever it is installed. A command
    ``docker`` may be another name of it, or asks a daemon of another machine:
    what counts is whether Docker's own daemon or a container of it runs.

    :param name: of :data:`NAMES`.
    :raises errors.Unknown: it is at work, and there is no command for it.
    """
    found = command.find(name)
    if found and (name == 'podman' or _runs(name)):
        return found
    if not found and _runs(name):
        raise errors.Unknown(
            'Containers run on this node, and there is no %s.' % name,
            'Install %s, or stop what runs them.' % name)
    return None


def paths():
    """Give the paths of all engines that are at work here (list of str).

    :raises errors.Unknown: as :func:`path`.
    """
    return [found for found in map(path, NAMES) if found]


def _runs(name):
    if name == 'podman':
        return presence.runs('conmon')
    return presence.runs('dockerd') or presence.runs(_SHIM, word=_DOCKERS)
