# SPDX-License-Identifier: Apache-2.0
"""Ceph, told not to move data about because something rests for a while.

Its monitors never rest, so that it keeps its quorum."""
import json
import time

from baas.node import clock
from baas.node import command
from baas.node import inside
from baas.node import units
from baas.node.services import base

_FLAG = 'noout'


def tool():
    """Give the words the administration tool starts with, or None."""
    words = inside.tool(('ceph',), 'ceph-mon')
    return words + ['--connect-timeout', '10'] if words else None


class Ceph(base.Service):
    """See :class:`base.Service`. Its items are units named after Ceph."""

    kind = 'ceph'
    counts = False
    turn = 0

    def find(self, items, seen):
        """See :class:`base.Service`; a flag set by others is left alone."""
        named = [item for item in items if not base.prefix(item)]
        mine = [name for name in units.chosen(seen.units, named)
                if name.startswith('ceph')]
        return [_FLAG] if mine and _is_set() is False else []

    def rest(self, undos, until, guard):
        """See :class:`base.Service`."""
        if undos:
            command.run(tool() + ['osd', 'set', _FLAG],
                        'Look at ceph status.', 30)

    def resume(self, undos, until):
        """See :class:`base.Service`."""
        while undos:
            words = tool()
            if words and not command.attempt(
                    words + ['osd', 'unset', _FLAG], 30)[0]:
                break
            if clock.boottime() >= until:
                return
            time.sleep(1)
        for undo in undos:
            yield undo


def _is_set():
    """Tell whether the flag is set; None when Ceph does not answer."""
    words = tool()
    if words is None:
        return None
    status, out, _ = command.attempt(
        words + ['osd', 'dump', '--format', 'json'], 30)
    try:
        return None if status else _FLAG in json.loads(out)['flags']
    except (ValueError, KeyError, TypeError):
        return None


def export():
    """Give all keys and rights of the cluster (str), or None."""
    words = tool()
    status, out, _ = command.attempt(words + ['auth', 'export'], 30) \
        if words else (1, '', '')
    return None if status or '[' not in out else out
