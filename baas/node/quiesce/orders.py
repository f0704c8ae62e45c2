# SPDX-License-Identifier: Apache-2.0
"""What the conductor orders over an open connection, one JSON a line."""
import json
import os
import select
import signal

from baas.node.system import clock

HEARTBEAT = 'heartbeat'
"""The order that only says that the conductor is still there."""


class Hangup(Exception):
    """Nobody orders any more, or it took too long.

    :ivar cause: one sentence of why.
    """

    def __init__(self, cause):
        super().__init__(cause)
        self.cause = cause


def first(descriptor):
    """Read the first line and not a byte more; give what it says (dict)."""
    line = b''
    while not line.endswith(b'\n'):
        byte = os.read(descriptor, 1)
        if not byte:
            break
        line += byte
    return json.loads(line.decode('utf-8') or '{}')


class Orders:
    """The orders after the first line.

    :param descriptor: where they come from (int).
    :param heartbeat_timeout: seconds without any order after which nobody is
        there.
    """

    def __init__(self, descriptor, heartbeat_timeout):
        self._from = descriptor
        self._heartbeat_timeout = heartbeat_timeout
        self._heard = clock.boottime()
        self._rest = b''
        self._signal = None
        self._woken, self._waker = os.pipe()
        os.set_blocking(self._waker, False)

    def catch_signals(self):
        """Take TERM and HUP for the end of the connection."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def wake(self):
        """Let next return, from another thread or a signal."""
        try:
            os.write(self._waker, b'.')
        except BlockingIOError:
            pass  # It is full of such bytes already.

    def next(self, limits=()):
        """Wait for an order.

        :param limits: pairs (time, cause): at that :func:`clock.boottime`
            waiting ends for that cause.
        :returns: the name of the order; None when somebody woke us.
        :raises Hangup: the connection or the time has ended, or a signal
            has come.
        """
        while True:
            if self._signal:
                raise Hangup('Signal %d has ended the barrier on this node.'
                             % self._signal)
            line, mark, rest = self._rest.partition(b'\n')
            if mark:
                self._rest = rest
                order = json.loads(line.decode('utf-8'))['do']
                if order != HEARTBEAT:
                    return order
                continue
            if self._wait(limits):
                return None

    def _wait(self, limits):
        """Read more; True when somebody woke us instead."""
        limits = list(limits) + [(
            self._heard + self._heartbeat_timeout,
            'Nothing was heard of the conductor for %g seconds.'
            % self._heartbeat_timeout)]
        until, cause = min(limits)
        left = until - clock.boottime()
        if left <= 0:
            raise Hangup(cause)
        ready = select.select([self._from, self._woken], [], [], left)[0]
        if self._from in ready:
            read = os.read(self._from, 4096)
            if not read:
                raise Hangup('The connection to the conductor has ended.')
            self._heard = clock.boottime()
            self._rest += read
        if self._woken in ready:
            os.read(self._woken, 4096)
            return not self._signal
        return False

    def _on_signal(self, number, _frame):
        self._signal = number
        self.wake()
