# SPDX-License-Identifier: Apache-2.0
"""Ceph, told not to move data about because something is quiesced for a while.

Its monitors are never quiesced, so that it keeps its quorum."""
import json
import time

from baas.node.cluster import ceph
from baas.node import errors
from baas.node.services import base
from baas.node.system import clock
from baas.node.system import command
from baas.node.system import presence
from baas.node.system import systemd

_FLAG = 'noout'


class Ceph(base.Service):
    """See :class:`base.Service`. Its items are units named after Ceph."""

    kind = 'ceph'
    client_visible = False
    freeze_stage = 0

    def find(self, items, view):
        """See :class:`base.Service`; a flag set by others is left alone."""
        named = [item for item in items if not base.prefix(item)]
        mine = [name for name in systemd.chosen(view.units, named)
                if name.startswith('ceph')] if named else []
        return [_FLAG] if mine and _is_set(mine) is False else []

    def quiesce(self, undos, until, watchdog):
        """See :class:`base.Service`."""
        if undos:
            command.run((ceph.tool() or ['ceph']) + ['osd', 'set', _FLAG],
                        ceph.HINT, 30)

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
        words = ceph.tool()
    except errors.Unknown:
        return False
    return bool(words) and not command.attempt(
        words + ['osd', 'unset', _FLAG], 30)[0]


def _is_set(names):
    """Tell whether the flag is set; None when Ceph cannot be asked from here
    and none of some units keeps data of it.

    :raises baas.node.errors.Unknown: one does, and Ceph does not answer.
    """
    words = ceph.tool()
    ask = (words or ['ceph']) + ['osd', 'dump', '--format', 'json']
    status, out, errors = command.attempt(ask, 30) if words else (
        127, '', 'there is no ceph')
    if status and any('osd' in name for name in names):
        raise presence.unanswered(ask, status, errors or out, ceph.HINT)
    try:
        return None if status else _FLAG in json.loads(out)['flags']
    except (ValueError, KeyError, TypeError):
        raise presence.unreadable(ask, out, ceph.HINT)
