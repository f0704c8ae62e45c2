# SPDX-License-Identifier: Apache-2.0
"""The share that backups go to, where the storage is one that is mounted.

It is mounted for one process and those it starts, in mounts of their own:
when they are gone, however they went, so is it. Nothing is left that could
keep the node from shutting down, and nobody else sees it."""
import os

from baas.node import errors
from baas.node import paths
from baas.node.system import command
from baas.node.system import syscalls

_PATIENCE = 150  # seconds
_SAFE = 'nosuid,nodev,noexec'


def place():
    """Give where it is mounted: not below the folder of a job, which is
    removed with all that is in it."""
    return os.path.join(paths.RUN, 'share')


def filled(job, word):
    """Put the paths of this node into a word of the service (str)."""
    return word.replace('{run}', paths.work(job)).replace(
        '{share}', place())


def reach(request):
    """Mount the share of a request for this process, if it names one.

    Option: share ({'host', 'export', 'options'}).

    :raises errors.NodeError: it cannot be mounted, and why.
    """
    told = request.options.get('share')
    if not told:
        return
    syscalls.own_mounts()
    target = paths.make(place())
    if os.path.ismount(target):
        return
    source = '%s:%s' % (told['host'], told['export'])
    status, out, stderr = command.attempt(
        ['mount', '-t', 'nfs', '-o', '%s,%s' % (told['options'], _SAFE),
         '--', source, target], _PATIENCE)
    if status:
        raise errors.NodeError(
            'The share %s cannot be mounted on this node: %s.'
            % (source, command.last_line((stderr or out).split('\n')[0])),
            'See that the server is up and exports it to this node, and '
            'that nfs-common (nfs-utils) is installed.')
