# SPDX-License-Identifier: Apache-2.0
"""What a node can know beforehand of a backup of it."""
import os
import time

from baas.node.disks import filesystems
from baas.node import snapshots
from baas.node.snapshots import snapshot

_LIMIT = 60
"""Seconds after which a forecast gives up."""
_WALKS = 6
"""How often all is walked while quiesced: three times in each of two
passes."""
_BASE = 2.0
"""Seconds that restic and the parts of a pass take with nothing to read."""


def forecast(options):
    """Forecast the reading while quiesced, where file systems have no
    snapshots.

    Options: excludes (globs).

    :returns: {'outage': seconds at least, without the stop and the start of
        services, or None when nothing is read while quiesced or it cannot be
        told, 'bytes': what the file systems hold}.
    """
    mounts = snapshot.wanted(options.get('excludes', []))
    size = sum(filesystems.describe(mount)['used'] for mount in mounts)
    outage = None
    if snapshots.of(mounts)['none']:
        walked = walk_seconds([mount['mountpoint'] for mount in mounts])
        if walked is not None:
            outage = round(_BASE + _WALKS * walked, 1)
    return {'outage': outage, 'bytes': size}


def walk_seconds(tops, limit=_LIMIT):
    """Measure how long it takes to look at each file once.

    :param tops: mount points (list of bytes).
    :param limit: seconds after which it is given up.
    :returns: seconds (float), or None.
    """
    began = time.monotonic()
    borders = {mount['mountpoint'] for mount in filesystems.mounts()}
    for top in tops:
        waiting = [top]
        while waiting:
            if time.monotonic() - began > limit:
                return None
            waiting += [path for path in _folders(waiting.pop())
                        if path not in borders]
    return time.monotonic() - began


def _folders(folder):
    """Look at all that is in a folder, and give the folders among it."""
    found = []
    try:
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if os.lstat(path).st_mode & 0o170000 == 0o040000:
                found.append(path)
    except OSError:
        pass  # it vanished: the node is at work
    return found
