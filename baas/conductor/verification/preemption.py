# SPDX-License-Identifier: Apache-2.0
"""A verification gives way to whoever removes or repairs what it reads.

It shares a target with backups and restores, which take nothing away. Both
sides look for the other after their own row is written, so that at least one
of them sees the other, and it is always the verification that ends. What it
has read is remembered.
"""
import time

from baas.db import events
from baas.db import jobs
from baas.db.verification import verdicts
from baas import errors

PATIENCE = 180
"""Seconds that a verification may take to end."""
_PAUSE = 0.5


class StillReading(errors.BaasError):
    """A verification of the same data does not end."""
    faultcode = 'baas.verification.still_reading'
    title = 'Still being verified'
    message = 'Job {job} still reads what is stored of the {target}.'
    hint = 'Wait until job {job} has ended, then ask again.'


def end_verifications(job, patience=PATIENCE, pause=_PAUSE):
    """Have the verifications of a target end, and wait for that.

    :param job: row of the job that they give way to.
    :raises StillReading: one has not ended in time.
    """
    until = time.monotonic() + patience
    told = set()
    while active := verdicts.active(job.target, [verdicts.KIND]):
        for row in active:
            if row.id not in told and jobs.move(row.id, 'cancel'):
                told.add(row.id)
                events.add(row.id, f'It gives way to job {job.id} '
                                   f'({job.kind}); what it has read is '
                                   'remembered.')
        if time.monotonic() > until:
            raise StillReading(job=active[0].id, target=job.target)
        time.sleep(pause)
