# SPDX-License-Identifier: Apache-2.0
"""Ceph, told not to move data about because something rests for a while.

Its monitors never rest, so that it keeps its quorum."""
import json
import time

from baas.node import clock
from baas.node import command
from baas.node import failure
from baas.node import inside
from baas.node import presence
from baas.node import units
from baas.node.services import base

_FLAG = 'noout'
_HINT = 'See what ceph status says on the node, and repair the cluster.'


def tool():
    """Give the words the administration tool starts with, or None.

    :raises baas.node.failure.Unknown: nobody can tell.
    """
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
                if name.startswith('ceph')] if named else []
        return [_FLAG] if mine and _is_set(mine) is False else []

    def rest(self, undos, until, guard):
        """See :class:`base.Service`."""
        if undos:
            command.run((tool() or ['ceph']) + ['osd', 'set', _FLAG],
                        _HINT, 30)

    def resume(self, undos, until):
        """See :class:`base.Service`."""
        while undos:
            if _unset():
                break
            if clock.boottime() >= until:
                return
            time.sleep(1)
        for undo in undos:
            yield undo


def _unset():
    try:
        words = tool()
    except failure.Unknown:
        return False
    return bool(words) and not command.attempt(
        words + ['osd', 'unset', _FLAG], 30)[0]


def _is_set(names):
    """Tell whether the flag is set; None when Ceph cannot be asked from here
    and none of some units keeps data of it.

    :raises baas.node.failure.Unknown: one does, and Ceph does not answer.
    """
    words = tool()
    ask = (words or ['ceph']) + ['osd', 'dump', '--format', 'json']
    status, out, errors = command.attempt(ask, 30) if words else (
        127, '', 'there is no ceph')
    if status and any('osd' in name for name in names):
        raise presence.unanswered(ask, status, errors or out, _HINT)
    try:
        return None if status else _FLAG in json.loads(out)['flags']
    except (ValueError, KeyError, TypeError):
        raise presence.unreadable(ask, out, _HINT)


def export():
    """Give all keys and rights of the cluster (str); None without Ceph, or
    where nobody may ask for them.

    :raises baas.node.failure.Unknown: Ceph does not answer its monitor's own
        node.
    """
    words = tool()
    ask = (words or ['ceph']) + ['auth', 'export']
    status, out, errors = command.attempt(ask, 30) if words else (
        127, '', 'there is no ceph')
    if not status and '[' in out:
        return out
    # Other nodes may have the tool without the right to ask.
    if presence.runs('ceph-mon'):
        raise presence.unanswered(ask, status, errors or out, _HINT)
    return None
