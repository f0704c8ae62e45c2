# SPDX-License-Identifier: Apache-2.0
"""The database of this node, locked while what writes to it is frozen.

To stop, it is a unit, a container or Pacemaker's, like any other."""
import time

from baas.node.cluster import mariadb
from baas.node import errors
from baas.node.services import base
from baas.node.services import freeze_guard as watchdogs
from baas.node.system import clock

_THING = 'database'
_PATIENCE = 3
_UNSURE = 2  # seconds
_SESSION = ("SELECT COUNT(*) FROM information_schema.processlist "
            "WHERE id=%d AND command='Sleep'")


class Database(base.Service):
    """See :class:`base.Service`. Any server that answers here is locked."""

    kind = 'database'
    freeze_stage = 2

    def find(self, items, view):
        """See :class:`base.Service`."""
        if view.mode != base.FREEZE or not items:
            return []
        return [_THING] if mariadb.answers() else []

    def name(self, thing):
        """See :class:`base.Service`."""
        return thing

    def make_ready(self, things, until, watchdog):
        """See :class:`base.Service`: to log in."""
        watchdog.send(connect=True)
        watchdog.lock = watchdog.receive(until)['session']

    def quiesce(self, undos, until, watchdog):
        """See :class:`base.Service`."""
        watchdog.send(lock=_PATIENCE)

    def wait(self, undos, until, watchdog):
        """See :class:`base.Service`."""
        watchdog.lock = watchdog.receive(until)

    def release(self, undos):
        """See :class:`base.Service`."""
        watchdogs.unlock(0)

    def going_on(self, undos):
        """See :class:`base.Service`."""
        return [] if _is_held() else undos

    def resume(self, undos, until):
        """See :class:`base.Service`; at worst the session is killed."""
        watchdogs.unlock()
        patience = clock.boottime() + 1
        # A server that does not answer must not keep others from going on:
        # they are woken, and it is asked again.
        unsure = min(until, clock.boottime() + _UNSURE)
        while True:
            try:
                if not _is_held():
                    break
                if clock.boottime() >= patience:
                    mariadb.ask('KILL %d'
                                % watchdogs.known()['connection'])
                limit = until
            except errors.Unknown:
                limit = unsure
            if clock.boottime() >= limit:
                return
            time.sleep(0.02)
        for undo in undos:
            yield undo

    def resumed_early(self, undos, watchdog=None):
        """See :class:`base.Service`. Who holds the lock is asked where it can
        be: a client of its own takes longer."""
        held = (_is_held() if watchdog is None
                else watchdog.holds(clock.boottime() + _PATIENCE))
        return [] if held else [_THING]


def _is_held():
    number = watchdogs.known().get('connection')
    if number is None:
        return False
    # A server that does not run has forgotten all locks.
    return mariadb.ask(_SESSION % number) == [['1']]
