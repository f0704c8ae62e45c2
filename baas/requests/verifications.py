# SPDX-License-Identifier: Apache-2.0
"""A request to verify what is stored becomes a job."""
import uuid

from oslo_config import cfg

from baas.db import backups
from baas.db import jobs
from baas.db.verification import verdicts
from baas import errors
from baas.jobs import plans
from baas.jobs import states
from baas.requests import messaging
from baas.runner import inventory
from baas import share as shares


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
    _demand_rest(row.target)
    return _submit(verdicts.KIND, row.target, context, node=row.node,
                   backup_id=backup_id, options={'share': share})


def spot_check(backup_id, share=None, *, context=None, conf=cfg.CONF):
    """Ask for some files of a backup to be held against its node.

    :param share: how many of its files, more than 0 and at most 1; None for
        what the configuration says.
    :returns: the row of the job.
    :raises NotFound: no such backup, or the inventory does not have its node
        any more.
    :raises Conflict: it is not available.
    :raises TargetBusy: another job is at work on the target.
    """
    row = backups.get(backup_id)
    if row.status != states.AVAILABLE:
        raise errors.Conflict(
            reason=f'Backup {backup_id} is '
                   f'{"damaged" if row.damages else row.status}, not '
                   'available',
            remedy='Choose an available backup of the node')
    node = inventory.node(row.node, conf)
    if share is None:
        share = shares.fraction(conf.verification.spot_check_share)
    return _submit('spotcheck', row.target, context, holds=row.target,
                   node=node.name, backup_id=backup_id,
                   options={'share': share})


def whole(target, *, schedule_id=None, also=None, context=None):
    """Ask for all that is stored of the nodes of a target to be read back.

    :param schedule_id: the schedule that asks for it; None for a request.
    :param also: as for :func:`daily`, or None.
    :param context: as for :func:`verify`.
    :returns: the row of the job.
    :raises TargetBusy: the same target is being verified or cleaned up.
    """
    _demand_rest(target)
    options = {'share': 1.0}
    if schedule_id is not None:
        options['schedule_id'] = schedule_id
    return _submit(verdicts.KIND, target, context, also, options=options)


def daily(target, share, also):
    """Ask for a share of all nodes of a target to be read back.

    :param also: called with a connection and the id of the job, in the
        transaction that writes the job.
    :returns: the row of the job.
    :raises TargetBusy: the same target is being verified or cleaned up.
    """
    _demand_rest(target)
    return _submit(verdicts.KIND, target, None, also,
                   options={'share': share, 'daily': True})


def _demand_rest(target):
    for other in verdicts.active(target, verdicts.REMOVES):
        raise errors.TargetBusy(job=other.id, target=target)


def _submit(kind, target, context, also=None, **columns):
    id = str(uuid.uuid4())
    job = jobs.create(
        {'id': id, 'kind': kind, 'target': target,
         # A verification shares the target with backups and restores; of
         # itself there is one at a time.
         'holds': f'{kind}:{target}',
         'request_id': getattr(context, 'request_id', None),
         'user_id': getattr(context, 'user_id', None), **columns},
        [step.name for step in plans.build(kind)],
        also=also and (lambda connection: also(connection, id)))
    messaging.run(job.id)
    return job
