# SPDX-License-Identifier: Apache-2.0
"""How fast a payload is captured, and how much it is in the way of others."""
import os
import threading
import time

from baas.node import journal
from baas.node.system import command

_NICE = 10
_SLACK = 1  # seconds


def of(request):
    """Give what a capture has to keep to; nothing while anything waits to be
    resumed, on this node or on others, for it would wait longer.

    :returns: dict of ``bytes`` (that go to the storage, a second), ``files``
        (that are read at the same time), ``processors``, and ``gentle``; what
        is missing has no limit.
    """
    limits = request.options.get('pace') or {}
    if not any(limits.values()):
        # A release must not fail for a journal that it does not need here.
        return {}
    data = journal.load() or {}
    rests = data.get('undos') or (
        data.get('offline_mounts') and data.get('quiesce_token'))
    return {} if rests else limits


def words(request):
    """Give the arguments of any command of restic (list of str)."""
    most = of(request).get('bytes')
    return ['--limit-upload', str(most >> 10)] if most else []


def variables(request):
    """Give the variables of a program that is written in Go (dict)."""
    most = of(request).get('processors')
    return {'GOMAXPROCS': str(most)} if most else {}


def begin(request):
    """Let others go first from now on, where that is wanted: this process and
    those that it will start."""
    if not of(request).get('gentle'):
        return
    os.nice(_NICE)
    # Schedulers without priorities take no notice of it.
    command.attempt(['ionice', '--class', 'best-effort', '--classdata', '7',
                     '--pid', str(os.getpid())], 10)


class Throttle:
    """Makes whoever is too fast wait; several threads may share one.

    :param rate: bytes a second; 0 for as many as there are.
    :param clock: function that gives seconds.
    :param sleep: function that waits so many seconds.
    """

    def __init__(self, rate, clock=time.monotonic, sleep=time.sleep):
        self._rate, self._clock, self._sleep = rate, clock, sleep
        self._lock = threading.Lock()
        self._free_at = None

    def spend(self, count):
        """Wait until so many bytes may have gone.

        :param count: bytes that have gone, or are about to (int); the time
            that they took counts, but not more than a second of it.
        """
        if not self._rate:
            return
        with self._lock:
            now = self._clock()
            begin = max(now - _SLACK, self._free_at or now)
            self._free_at = begin + count / float(self._rate)
            wait = self._free_at - now
        if wait > 0:
            self._sleep(wait)
