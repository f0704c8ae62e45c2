# SPDX-License-Identifier: Apache-2.0
"""What takes time to read and may hang: one thread reads, whoever asks
meanwhile gets what was read before."""
import threading
import time

from oslo_log import log

LOG = log.getLogger(__name__)


class Latest:
    """Remembers the last thing read for as long as it is young.

    :param what: what it is, in the log.
    :param keep: seconds for which it is young.
    :param patience: seconds that somebody waits who could have the old one.
    :param clock: function that gives the seconds by which it is young.
    """

    def __init__(self, what, keep, patience, clock=time.monotonic):
        self._what, self._keep, self._patience = what, keep, patience
        self._clock = clock
        self._changed = threading.Condition()
        self._key = self._reading = None
        self._result = None  # (value, error)
        self._young_until = 0.0

    def get(self, key, read, keep=None):
        """Give what there is for a key.

        :param key: what it is read for; another one forgets the last.
        :param read: called with nothing, in a thread of its own; it has to
            end by itself, and what it raises is raised here.
        :param keep: seconds for which this one is young.
        :returns: what ``read`` gave now, or before when it takes long.
        """
        with self._changed:
            if key != self._key:
                self._key, self._reading, self._result = key, None, None
                self._young_until = 0.0
            result = self._result
            if self._clock() >= self._young_until:
                result = self._wait(self._reading or self._begin(
                    read, self._keep if keep is None else keep))
        value, error = result
        if error is not None:
            # Each who asks raises it anew.
            raise error.with_traceback(None)
        return value

    def _begin(self, read, keep):
        self._reading = reading = _Reading(self._clock())
        threading.Thread(target=self._read, args=(reading, read, keep),
                         name=f'read-{self._what}', daemon=True).start()
        return reading

    def _wait(self, reading):
        old, left = self._result, None
        if old is not None and old[1] is None:
            left = max(0, reading.begun + self._patience - self._clock())
        self._changed.wait_for(lambda: reading.result, left)
        if reading.result is None and not reading.is_told:
            reading.is_told = True
            LOG.warning('Reading the %s takes long; what it was before is '
                        'used meanwhile', self._what)
        return reading.result or old

    def _read(self, reading, read, keep):
        try:
            result = read(), None
        except Exception as error:
            result = None, error
        with self._changed:
            now = self._clock()
            reading.result = result
            if reading is self._reading:
                self._reading, self._result = None, result
                # An error that came at once can be tried again at once.
                if result[1] is None or now > reading.begun + self._patience:
                    self._young_until = now + keep
            self._changed.notify_all()


class _Reading:

    def __init__(self, begun):
        self.begun = begun
        self.result, self.is_told = None, False
