# SPDX-License-Identifier: Apache-2.0
"""The process that watches a freeze: it holds the lock on the database, which
therefore ends with it, and resumes the node at the deadline."""
import json
import os
import select
import signal
import sys
import time

from baas.node.cluster import mariadb_lock
from baas.node import journal
from baas.node.quiesce import deadman
from baas.node.services import base
from baas.node.system import cgroups
from baas.node.system import clock

_LEAST_WANTED = '-900'


class _Watchdog:
    """The state of the watchdog.

    :ivar until: boot time at which it resumes the node.
    :ivar lock: the :class:`mariadb_lock.Lock` it holds, or will.
    """

    def __init__(self):
        self.until = clock.boottime() + 3600
        self.lock = mariadb_lock.Lock()
        self.received = b''

    def take(self, words):
        """Do what a line asks for."""
        if 'until' in words:
            self.until = words['until']
            _send({'ready': True})
        if 'connect' in words:
            _send({'session': self.lock.connect(self.until)})
        if 'lock' in words:
            _send(self.lock.take(words['lock'], self.until))
        if 'held' in words:
            _send({'held': self.lock.is_held()})

    def unlock(self, *_):
        """Let the databases go on; a signal asks for it."""
        self.lock.release()


def freeze_watchdog(request):
    """Wait for orders, and for the deadline; then resume the node.

    Lines of JSON come on the standard input: {'until': boot time},
    {'connect': True} to log in to the database, {'lock': seconds to wait for
    locks}, and {'held': True} to see that it is locked. Each is answered by
    one line.
    SIGUSR1 asks to unlock. Whoever resumes the node ends this process.
    """
    watchdog = _Watchdog()
    # Whoever started this has a terminal, or a connection that may end.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGUSR1, watchdog.unlock)
    _stay()
    _listen(watchdog)
    # First what needs no disk: it might be the disk that hangs.
    watchdog.unlock()
    for path in base.groups((journal.raw() or {}).get('undos', ())):
        cgroups.thaw(path)
    deadman.fire()


def _stay():
    """Be the last that is ended when memory is short."""
    try:
        with open('/proc/self/oom_score_adj', 'w') as handle:
            handle.write(_LEAST_WANTED)
    except OSError:
        # A container may forbid it; the dead-man is there all the same.
        return


def _listen(watchdog):
    source = sys.stdin.fileno()
    listening = True
    while clock.boottime() < watchdog.until:
        left = max(0.0, watchdog.until - clock.boottime())
        if not listening:
            time.sleep(min(left, 1.0))
            continue
        if not select.select([source], [], [], min(left, 1.0))[0]:
            continue
        block = os.read(source, 4096)
        listening = bool(block)
        watchdog.received += block
        while b'\n' in watchdog.received:
            line, _, watchdog.received = watchdog.received.partition(b'\n')
            watchdog.take(json.loads(line.decode()))


def _send(words):
    try:
        print(json.dumps(words))
        sys.stdout.flush()
    except OSError:
        # Who asked is gone; the deadline is what counts now.
        return
