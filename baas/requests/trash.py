# SPDX-License-Identifier: Apache-2.0
"""What has been in the trash for long enough becomes a job."""
import uuid

from baas.db import jobs
from baas.jobs import plans
from baas.requests import messaging


def purge(target, found):
    """Ask for what is to be removed for good. Whoever asks for the same gets
    the same job.

    :param found: what :func:`baas.db.retention.trash.due` gave of the target.
    :returns: the row of the job.
    :raises TargetBusy: another job is at work on the target.
    """
    key = ' '.join(f'{id} {until}' for id, until in sorted(found.items()))
    job = jobs.create(
        {'id': str(uuid.uuid5(uuid.NAMESPACE_OID, key)), 'kind': 'purge',
         'target': target, 'holds': target, 'options': {'backups': found}},
        [step.name for step in plans.build('purge')])
    messaging.run(job.id)
    return job
