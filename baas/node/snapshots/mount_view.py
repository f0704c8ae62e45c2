# SPDX-License-Identifier: Apache-2.0
"""The node as it was at the consistency point, put together in mounts of one's
own."""
import os

from baas.node import paths
from baas.node import snapshots
from baas.node.system import syscalls


def assemble(data):
    """Show snapshots, and file systems that have none, at their places.

    The mounts are private to this process and those it starts: none
    outlives them.

    :param data: the journal (dict) after the snapshots were taken.
    :returns: path of the top (bytes).
    """
    top = os.fsencode(paths.make(paths.work(data['job'], 'view')))
    syscalls.own_mounts()
    parts = [(os.path.join(one['mountpoint'], one['subvolume']), driver.show,
              one) for driver, planned in snapshots.planned(data)
             for one in planned]
    parts += [(path, _bind, path)
              for path in data['live'] + data.get('offline_mounts', [])]
    for place, show, what in sorted(parts, key=_depth):
        show(what, within(top, place))
    return top


def dismantle(top):
    """Let go of all that the view shows, so that it can be removed."""
    syscalls.detach(top)


def _bind(path, target):
    syscalls.bind(os.fsencode(path), target, True)


def within(top, place):
    """Give where the view shows a place of the node (bytes)."""
    inner = os.path.relpath(place, paths.TOP)
    return os.path.normpath(os.path.join(top, os.fsencode(inner)))


def _depth(part):
    place = part[0].strip('/')
    return (place.count('/') + 1 if place else 0, place)
