# SPDX-License-Identifier: Apache-2.0
"""Tells monitors of the jobs of schedules, beside all work: whatever a
monitor does, no job and no sweep waits for it."""
import threading
import time

from oslo_log import log

from baas.conductor.schedules import http_post
from baas.db.schedule import schedule_pings
from baas.jobs import states
from baas.schedules import pings

LOG = log.getLogger(__name__)
MOST = 8
"""How many are told at a time."""
NOBODY = 'Nobody is to be told any more.'
LATE = 'The job had ended, or a later one had begun, before it could be sent.'
GIVEN_UP = 'The monitor did not take it, and it is not tried again: {}'


class Monitors:
    """The threads of a conductor that tell monitors.

    :param seconds: how long the monitor may take for each part of an answer.
    """

    def __init__(self, seconds=pings.SECONDS / 3):
        self._seconds = seconds
        self._at_work = {}

    def tell(self):
        """Begin to send what is due, each ping in a thread of its own, and do
        not wait for any. One that a conductor left half way is sent again."""
        rows, now = schedule_pings.waiting()
        last = schedule_pings.last_sent({row.schedule_id for row in rows})
        started = {row.run_id: row for row in rows
                   if row.moment == schedule_pings.START}
        for row in rows:
            word = _word(row)
            if word is None or pings.is_at_work(row.tried_at, now):
                continue
            reason = _reason(row, word, last.get(row.schedule_id, 0))
            if reason:
                _skip(row, reason)
            elif not pings.is_due(row.tries, row.tried_at, now):
                continue
            elif word != pings.START and _before(started.get(row.run_id),
                                                 now):
                continue
            elif not self._begin(row, word):
                return

    def _begin(self, row, word):
        """Send a ping, unless too many are being sent or somebody else does;
        tell whether another could be."""
        # One that takes longer than it may is not waited for.
        now = time.monotonic()
        for thread, since in list(self._at_work.items()):
            if not thread.is_alive() or now - since > pings.SECONDS:
                del self._at_work[thread]
        if len(self._at_work) >= MOST:
            return False
        if schedule_pings.take(row):
            thread = threading.Thread(
                target=self._send, args=(row, word), daemon=True,
                name=f'ping-{row.id}')
            self._at_work[thread] = now
            thread.start()
        return True

    def wait(self):
        """Wait until all that has begun is sent, or is not; for tests."""
        for thread in list(self._at_work):
            thread.join()

    def _send(self, row, word):
        try:
            http_post.post(
                pings.address(row.ping_url, word),
                f'job {row.job_id}: {row.job_state}\n', self._seconds)
        except http_post.Failed as error:
            return self._note(row, str(error))
        except Exception as error:
            # What it says may have the address in it.
            return self._note(row, f'{type(error).__name__}.')
        self._note(row, None)

    def _note(self, row, reason):
        try:
            if reason is None:
                if schedule_pings.sent(row.id):
                    LOG.debug('The monitor of schedule %s was told of job %s',
                              row.schedule_id, row.job_id)
            elif row.tries + 1 >= pings.MOST_TRIES:
                _skip(row, GIVEN_UP.format(reason))
            else:
                schedule_pings.failed(row.id, reason)
                LOG.warning('The monitor of schedule %s could not be told of '
                            'job %s: %s It is tried again', row.schedule_id,
                            row.job_id, reason)
        except Exception as error:
            # The database is away: it is sent again.
            LOG.warning('What became of ping %s could not be noted: %s',
                        row.id, type(error).__name__)


def _word(row):
    """Say what a monitor is to be told; None: nothing yet."""
    if row.moment == schedule_pings.START:
        return (pings.START if row.started_at or row.job_state
                in states.JOB_FINAL else None)
    if row.job_state not in states.JOB_FINAL:
        return None
    return pings.SUCCESS if row.job_state == states.DONE else pings.FAIL


def _reason(row, word, last):
    """Say why a ping is not sent at all; None: it is."""
    if row.ping_url is None:
        return NOBODY
    # A monitor that hears of a start after the end waits for another end.
    if last > row.run_id or (word == pings.START
                             and row.job_state in states.JOB_FINAL):
        return LATE
    return None


def _before(start, now):
    """Tell whether the start of the same run is just being sent."""
    return start is not None and pings.is_at_work(start.tried_at, now)


def _skip(row, reason):
    if schedule_pings.skip(row.id, reason):
        LOG.log(log.WARNING if row.moment == schedule_pings.END
                else log.DEBUG,
                'The monitor of schedule %s is not told of the %s of job %s: '
                '%s', row.schedule_id, row.moment, row.job_id, reason)
