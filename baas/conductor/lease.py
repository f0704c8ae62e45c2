# SPDX-License-Identifier: Apache-2.0
"""The lease on a job: renewed while it works, given up before it ends."""
import contextlib
import threading
import time

from oslo_log import log

from baas.db import jobs

LOG = log.getLogger(__name__)


class Lost:
    """Whether a conductor must no longer act: looks like an event.

    It asks the clock each time. A process that was stopped for longer than
    its lease may go on in any thread, and that one must know at once.
    """

    def __init__(self, seconds):
        # Monotonic, and read before the question is sent: the database
        # counts the lease from a later moment than we do.
        self._set = False
        self._until = 0.0
        self.renewed(time.monotonic(), seconds)

    def renewed(self, asked, seconds):
        """Count a lease (seconds) from a moment (monotonic seconds)."""
        # One attribute: another thread reads it meanwhile.
        self._until = asked + seconds * 0.8

    def set(self):
        """Say that somebody else has the lease."""
        self._set = True

    def is_set(self):
        """Tell whether the lease is lost; once it is, it stays so."""
        if time.monotonic() > self._until:
            self._set = True
        return self._set


class Lease:
    """What a conductor holds while it works on a job.

    :ivar epoch: number of the lease (int); nodes refuse a lower one.
    :ivar lost: set as soon as the conductor must no longer act
        (:class:`Lost`).
    """

    def __init__(self, job, seconds):
        self.job_id = job.id
        self.epoch = job.epoch
        self.lost = Lost(seconds)
        self._seconds = self._length = seconds
        self._lock = threading.Lock()
        self._ended = threading.Event()

    @contextlib.contextmanager
    def kept(self):
        """Renew the lease in the background; a context manager."""
        thread = threading.Thread(target=self._renew, daemon=True,
                                  name=f'claim-{self.job_id[:8]}')
        thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            thread.join()

    @contextlib.contextmanager
    def outlasting(self, seconds):
        """Keep the lease although the database will be away, by what the job
        does itself, for so many seconds; a context manager.

        Nobody else takes the job over meanwhile, not even when the database
        is back before this conductor is.
        """
        if not seconds:
            yield
            return
        self._length = self._seconds + seconds
        try:
            self._ask()
            yield
        finally:
            # The next renewal, if not this one, makes it short again.
            self._length = self._seconds

    def _ask(self):
        """Renew the lease; False when the lease is lost."""
        with self._lock:
            asked, length = time.monotonic(), self._length
            if not jobs.renew(self.job_id, self.epoch, length):
                return False
            self.lost.renewed(asked, length)
            return True

    def _renew(self):
        while not self._ended.wait(self._seconds / 6):
            if self.lost.is_set():
                return self.give_up()
            try:
                if not self._ask():
                    return self.give_up()
            except Exception as error:
                LOG.warning('The lease on job %s could not be renewed: %s',
                            self.job_id, error)

    def give_up(self):
        """Act no more: somebody else has the lease, or will have it."""
        LOG.error('The lease on job %s is lost; another conductor will undo '
                  'what it has begun', self.job_id)
        self.lost.set()
