# SPDX-License-Identifier: Apache-2.0
"""A request to verify what is stored becomes a job."""
import uuid

from baas.db import backups
from baas.db import jobs
from baas.db.verification import verdicts
from baas import errors
from baas.jobs import plans
from baas.jobs import states
from baas.requests import messaging


def verify(backup_id, share=1.0, *, context=None):
    """Ask for what is stored of the node of a backup to be read back.

    :param share: how much of it, more than 0 and at most 1.
    :param context: who asks (:class:`oslo_context.context.RequestContext`).
    :returns: the row of the job.
    :raises NotFound: no such backup.
    :raises Conflict: it never became whole, or is being deleted.
    :raises TargetBusy: the same target is being verified or cleaned up.
    """
    row = backups.get(backup_id)
    if row.status != states.AVAILABLE and row.damages is None:
        raise errors.Conflict(
            reason=f'Backup {backup_id} is {row.status}, and there is '
                   'nothing to verify',
            remedy='Choose an available backup')
    return _submit(row.target, context, node=row.node, backup_id=backup_id,
                   options={'share': share})


def daily(target, share, also):
    """Ask for a share of all nodes of a target to be read back.

    :param also: called with a connection and the id of the job, in the
        transaction that writes the job.
    :returns: the row of the job.
    :raises TargetBusy: the same target is being verified or cleaned up.
    """
    return _submit(target, None, also, options={'share': share,
                                                'daily': True})


def _submit(target, context, also=None, **columns):
    for other in verdicts.active(target, verdicts.REMOVES):
        raise errors.TargetBusy(job=other.id, target=target)
    id = str(uuid.uuid4())
    job = jobs.create(
        {'id': id, 'kind': verdicts.KIND, 'target': target,
         # It shares the target with backups and restores; of itself there
         # is one at a time.
         'holds': f'{verdicts.KIND}:{target}',
         'request_id': getattr(context, 'request_id', None),
         'user_id': getattr(context, 'user_id', None), **columns},
        [step.name for step in plans.build(verdicts.KIND)],
        also=also and (lambda connection: also(connection, id)))
    messaging.run(job.id)
    return job
