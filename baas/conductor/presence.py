# SPDX-License-Identifier: Apache-2.0
"""That a conductor is there, and is the only one of its name."""
import os
import socket
import time
import uuid

from oslo_config import cfg
from oslo_log import log

from baas.conductor import lock
from baas.db import conductors

LOG = log.getLogger(__name__)


class Presence:
    """A lock for processes of one state folder, and a heartbeat in the
    database for all others.

    :ivar was_dead: True when nobody else can be at work under this name, so
        that what it has left may be closed at once; False when the one before
        may only be silent, and keeps its jobs for as long as their leases.
    """

    def __init__(self, conf=cfg.CONF):
        self._conf = conf
        self._lock = lock.Lock(conf)
        self._instance = str(uuid.uuid4())
        self._where = {'pid': os.getpid(), 'machine': socket.gethostname()}
        self._is_there = False
        self.was_dead = True

    @property
    def host(self):
        """Name of the conductor."""
        return self._conf.conductor.host

    def lock(self):
        """Take the lock on the state folder alone; again does nothing.

        :raises baas.conductor.lock.AtWork: somebody has it.
        :raises baas.conductor.lock.StateError: the folder is of no use.
        """
        self._lock.hold(self._where)

    def take(self):
        """Take lock and name; again does nothing.

        Where the lock does not show that the holder of the name is dead, it
        is waited for its next heartbeat, for as long as a lease.

        :raises baas.conductor.lock.AtWork: another process has the name.
        :raises baas.conductor.lock.StateError: see :meth:`lock`.
        """
        if self._is_there:
            return
        self.lock()
        first, begun = None, time.monotonic()
        while not self._register(first, begun):
            holder = conductors.get(self.host)
            if holder is None:  # pragma: no cover - it left at that moment
                continue
            if first is None:
                LOG.warning(
                    'Conductor %s may be at work%s; waiting up to %d seconds '
                    'for a sign of life', self.host, _named(holder),
                    self._conf.conductor.lease)
                first = holder
            if (holder.instance, holder.seen_at) != (first.instance,
                                                     first.seen_at):
                raise lock.AtWork(host=self.host, who=_named(holder))
            time.sleep(1)
        self._is_there = True

    def beat(self):
        """Show that this process is alive.

        A name that nobody has, for the database was restored to an earlier
        time, is taken again.

        :returns: True; False when another process has taken it: this one must
            not act any more.
        """
        return (conductors.beat(self.host, self._instance)
                or conductors.register(self.host, self._me,
                                       silence=self._conf.conductor.lease))

    def leave(self):
        """Give name and lock back."""
        try:
            if self._is_there:
                conductors.leave(self.host, self._instance)
        except Exception as error:
            LOG.warning('Conductor %s could not sign off: %s', self.host,
                        error)
        finally:
            self._is_there = False
            self._lock.release()

    @property
    def _me(self):
        return {'instance': self._instance, 'state': self._lock.state,
                **self._where}

    def _register(self, first, begun):
        """Take the name if it can be taken now."""
        holder = conductors.get(self.host)
        if holder is None or holder.state == self._lock.state:
            # It signed off, or the kernel has taken its lock from it.
            return conductors.register(self.host, self._me,
                                       instead_of=holder)
        self.was_dead, lease = False, self._conf.conductor.lease
        silent = first is not None and time.monotonic() - begun > lease
        return conductors.register(
            self.host, self._me, silence=lease,
            instead_of=first if silent else None)


def _named(row):
    return lock.named(row.pid, row.machine, f'{row.started_at:%F %T} UTC')
