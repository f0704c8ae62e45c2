# SPDX-License-Identifier: Apache-2.0
"""A request becomes a job: checked, planned, written, and announced."""
import uuid

from oslo_config import cfg

from baas.db import backups
from baas.db import clouds
from baas.db.retention import cleanups
from baas.db.retention import trash
from baas.db import jobs
from baas.db.schedule import schedule_runs
from baas import duration
from baas import errors
from baas.jobs import plans
from baas.jobs import states
from baas.requests import messaging
from baas.runner import inventory
from baas.storage import driver as storage

_DELETING = ('delete', 'cleanup', 'purge')


def backup(target, *, stopall, name=None, max_outage=None,
           allow_degraded=False, check_only=False, expires=None, labels=None,
           schedule_id=None, also=None, context=None, conf=cfg.CONF):
    """Ask for a set: one backup of each node of a target.

    :param target: one of :data:`TARGETS`.
    :param stopall: True to quiesce all services.
    :param name: what to call the backups; None for target and time.
    :param max_outage: seconds that services may be quiesced at most; 0 for no
        limit, None for that of the configuration.
    :param allow_degraded: True to go without nodes that cannot be reached,
        if others can.
    :param check_only: True to look only whether and how it would go.
    :param expires: until when it stays, whatever a clean-up says (naive
        datetime in UTC); None for what its policy says.
    :param labels: what else to call it by: {key: value}.
    :param schedule_id: the schedule that asks for it; None for a request.
    :param also: called with a connection and the id of the job, in the
        transaction that writes the job.
    :param context: who asks (:class:`oslo_context.context.RequestContext`).
    :returns: the row of the job; its id is the id of the set.
    :raises Conflict: the target has no nodes.
    :raises TargetBusy: another job is at work on the target.
    """
    nodes = inventory.nodes(target, conf)
    if not nodes:
        raise errors.Conflict(
            reason=f'The inventory has no node in the groups of the {target}',
            remedy=f'Set [targets] {target} to the groups of its nodes')
    id, kind = str(uuid.uuid4()), 'check' if check_only else 'backup'
    rows = [] if check_only else _rows(
        id, nodes, {'name': name or target, 'target': target,
                    'stopall': stopall, 'expires_at': expires,
                    'labels': labels or None}, conf)
    options = _given(max_outage=max_outage, schedule_id=schedule_id,
                     allow_degraded=allow_degraded or None)
    return _announce(jobs.create(
        _job(kind, id, target, context, name=name,
             options={'stopall': stopall, **options}),
        _steps(kind), backups=rows,
        also=also and (lambda connection: also(connection, id))))


def _given(**options):
    return {name: value for name, value in options.items()
            if value is not None}


def _rows(id, nodes, columns, conf):
    own = clouds.own(conf)
    place = storage.load(conf, own)
    return [{'id': str(uuid.uuid4()), 'set_id': id, 'set_size': len(nodes),
             'cloud_id': own, 'node': node.name,
             'location_url': place.url(node.name),
             'payload': conf.payload.kind, **columns} for node in nodes]


def delete(backup_id, *, purge=False, context=None, conf=cfg.CONF):
    """Ask for a backup to be deleted, its stored data included, or to be
    moved to the trash, as ``[storage] delete_delay`` says.

    :param purge: True to delete it at once, although it is in the trash.
    :returns: the row of the job; that of a move is done.
    :raises NotFound: no such backup.
    :raises Conflict: it is being made or deleted, protected, or in the trash.
    :raises TargetBusy: another job is at work on its target.
    """
    row = backups.get(backup_id)
    if row.protected:
        raise errors.Conflict(
            reason=f'Backup {backup_id} is protected, with its set '
                   f'{row.set_id}',
            remedy=f'Send POST /v1/backup/{backup_id}/unprotect first if it '
                   'may go')
    if not purge:
        trash.demand_out(row)
    job = _job('delete', str(uuid.uuid4()), row.target, context,
               node=row.node, backup_id=backup_id)
    delay = duration.delay(conf.storage.delete_delay)
    if delay and not (purge or row.purge_at):
        return trash.put(backup_id, job, delay)
    return _announce(jobs.create(job, _steps('delete'), deletes=backup_id))


def cleanup(policy_id, *, schedule_id=None, also=None, context=None):
    """Ask for all sets to be deleted that a policy does not keep.

    :param schedule_id: as for :func:`backup`.
    :param also: as for :func:`backup`; None: somebody asks for it at no tick.
    :returns: the row of the job.
    :raises NotFound: no such policy.
    :raises TargetBusy: another job is at work on its target.
    """
    policy, id = cleanups.get(policy_id), str(uuid.uuid4())
    options = {'policy': policy_id}
    if schedule_id is not None:
        options['schedule_id'] = schedule_id
    return _announce(jobs.create(
        _job('cleanup', id, policy.target, context, name=policy.name,
             options=options),
        _steps('cleanup'), also=lambda connection: (
            also(connection, id) if also else schedule_runs.asked_for(
                connection, policy_id, id, cleanups.TIMED))))


def boot_cleanup(undo, *, conf=cfg.CONF):
    """Ask for what a restore has changed to be put back.

    :param undo: row of :class:`baas.db.models.BootUndo`.
    :returns: the row of the job.
    :raises NotFound: the inventory does not have the node any more.
    :raises TargetBusy: another job is at work on the target.
    """
    node = inventory.find(undo.node, conf)
    return _announce(jobs.create(
        _job('boot-cleanup', str(uuid.uuid4()), node.target, None,
             node=node.name, options={'restore': undo.job_id}),
        _steps('boot-cleanup')))


def cancel(job_id):
    """Ask for a job to be stopped and what it began to be undone.

    :returns: the row of the job.
    :raises NotFound: no such job.
    :raises Conflict: it has ended, or cannot be stopped half way.
    """
    row = jobs.get(job_id)
    if row.kind in _DELETING and row.state != states.QUEUED:
        raise errors.Conflict(
            reason='A delete that has begun cannot be cancelled',
            remedy='Wait until it has ended')
    moved = jobs.move(job_id, 'cancel')
    if moved is None:
        raise errors.Conflict(
            reason=f'Job {job_id} has ended: it is {jobs.get(job_id).state}',
            remedy='Nothing is left to cancel')
    if moved.state == states.CANCELLED:
        backups.close_backups(moved, 'The job was cancelled before it began.',
                              moved.epoch)
    return moved


def _job(kind, id, target, context, **columns):
    return {'id': id, 'kind': kind, 'target': target, 'holds': target,
            'request_id': getattr(context, 'request_id', None),
            'user_id': getattr(context, 'user_id', None),
            'options': {}, **columns}


def _steps(kind):
    return [step.name for step in plans.build(kind)]


def _announce(job):
    messaging.run(job.id)
    return job
