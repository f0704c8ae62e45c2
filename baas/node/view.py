# SPDX-License-Identifier: Apache-2.0
"""The node as it was at the moment, put together in mounts of one's own."""
import os

from baas.node import kernel
from baas.node import places


def assemble(data):
    """Show snapshots, and file systems that have none, at their places.

    The mounts are private to this process and those it starts: none
    outlives them.

    :param data: the record (dict) after the snapshots were taken.
    :returns: path of the top (bytes).
    """
    top = os.fsencode(places.make(places.work(data['job'], 'view')))
    kernel.own_mounts()
    parts = [(os.path.join(one['mountpoint'], one['subvolume']),
              one['path']) for one in data['snapshots']]
    parts += [(path, path)
              for path in data['live'] + data.get('at_rest', [])]
    for place, source in sorted(parts, key=_depth):
        kernel.bind(os.fsencode(source), within(top, place), True)
    return top


def within(top, place):
    """Give where the view shows a place of the node (bytes)."""
    inner = os.path.relpath(place, places.TOP)
    return os.path.normpath(os.path.join(top, os.fsencode(inner)))


def _depth(part):
    place = part[0].strip('/')
    return (place.count('/') + 1 if place else 0, place)
