# SPDX-License-Identifier: Apache-2.0
"""The claim on a job: renewed while it works, given up before it ends."""
import contextlib
import threading
import time

from oslo_log import log

from baas.db import jobs

LOG = log.getLogger(__name__)


class Claim:
    """What a conductor holds while it works on a job.

    :ivar epoch: number of the claim (int); nodes refuse a lower one.
    :ivar lost: set as soon as the conductor must no longer act.
    """

    def __init__(self, job, lease):
        self.job_id = job.id
        self.epoch = job.epoch
        self.lost = threading.Event()
        self._lease = lease
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

    def _renew(self):
        # Monotonic, and read before the question is sent: the database
        # counts the lease from a later moment than we do.
        held = asked = time.monotonic()
        while not self._ended.wait(self._lease / 6):
            # A process that was stopped for longer than the lease finds
            # out here, before it asks, that it has slept through it.
            if time.monotonic() - held > self._lease * 0.8:
                return self._give_up()
            asked = time.monotonic()
            try:
                if not jobs.renew(self.job_id, self.epoch, self._lease):
                    return self._give_up()
                held = asked
            except Exception as error:
                LOG.warning('The claim on job %s could not be renewed: %s',
                            self.job_id, error)

    def _give_up(self):
        LOG.error('The claim on job %s is lost; another conductor will undo '
                  'what it has begun', self.job_id)
        self.lost.set()
