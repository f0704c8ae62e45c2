# SPDX-License-Identifier: Apache-2.0
"""A request to restore a backup, or a whole set, becomes a job."""
import uuid

from oslo_config import cfg

from baas.db import backups
from baas.db import jobs
from baas import errors
from baas.jobs import choices
from baas.jobs import plans
from baas.jobs import states
from baas.requests import messaging
from baas.runner import inventory


def restore(backup_id, nodeid, *, plan=False, force=(), context=None,
            conf=cfg.CONF):
    """Ask for a backup to be restored onto a node.

    :param nodeid: inventory name, bare metal UUID or name, or instance UUID.
    :param plan: True to say only what would be done, and do nothing.
    :param force: words of :data:`baas.jobs.choices.FORCE`.
    :returns: the row of the job.
    :raises NotFound: no such backup or node.
    :raises Conflict: the backup is not available, or of another machine.
    :raises TargetBusy: another job is at work on the target.
    """
    source = backups.get(backup_id)
    if source.status == states.TRASHED:
        raise errors.Conflict(
            reason=f'Backup {backup_id} is in the trash',
            remedy=f'Send POST /v1/backup/{backup_id}/undelete first')
    if source.status != states.AVAILABLE:
        raise errors.Conflict(
            reason=f'Backup {backup_id} is {_condition(source)}, not '
                   'available',
            remedy='Choose an available backup of the node')
    node = inventory.node(nodeid, conf)
    if node.name != source.node:
        _demand_force(source, node, nodeid, force, conf)
    kind = 'restore-plan' if plan else 'restore'
    return _submit(kind, node.target, context, node=node.name,
                   backup_id=backup_id, options=_forced(force))


def _condition(row):
    return 'damaged' if row.damages else row.status


def _demand_force(source, node, nodeid, force, conf):
    """Refuse a backup of another machine, unless that is what is meant."""
    reason = (f'Backup {source.id} is of {source.node}, and {nodeid} is '
              f'{node.name}')
    if choices.OTHER_MACHINE not in force:
        raise errors.Conflict(reason=reason, remedy=(
            f'Choose a backup of {node.name}, or restore this one onto '
            f'{source.node}; if {node.name} is to become {source.node}, say '
            f'so with force={choices.OTHER_MACHINE}'))
    if source.node not in [one.name for one in inventory.nodes(node.target,
                                                               conf)]:
        raise errors.Conflict(
            reason=f'{reason}, which cannot become it: the inventory does '
                   f'not have {source.node} in the {node.target}',
            remedy=f'Put {source.node} into the inventory with the address '
                   f'that it has once it is back')


def _forced(force):
    return {'force': list(force)} if force else {}


def restore_set(set_id, *, plan=False, force=(), context=None,
                conf=cfg.CONF):
    """Ask for all nodes of a target to be restored from one set.

    :param plan: True to say only what would be done, and do nothing.
    :param force: :data:`baas.jobs.choices.HEALTHY_MEMBER`, or
        nothing.
    :returns: the row of the job.
    :raises NotFound: no such set.
    :raises Conflict: it is degraded, a backup of it is not available, or it
        does not have exactly the nodes of the target.
    :raises TargetBusy: another job is at work on the target.
    """
    rows = backups.by_set(set_id)
    if not rows:
        raise errors.NotFound(
            noun='set', id=set_id,
            hint='List the backups, with the sets that they are of, with GET '
                 '/v1/backup.')
    target, missing = rows[0].target, sorted(backups.missing_nodes(rows))
    if missing:
        raise errors.Conflict(
            reason=f'Set {set_id} is degraded: it was taken without '
                   f'{", ".join(missing)}',
            remedy='Choose a set of all nodes, or restore its backups one '
                   'by one')
    bad = [f'{row.id} of {row.node} is {_condition(row)}' for row in rows
           if row.status != states.AVAILABLE]
    if bad:
        trashed = [row.id for row in rows if row.status == states.TRASHED]
        raise errors.Conflict(
            reason=f'Not all backups of set {set_id} are available: '
                   f'{", ".join(bad)}',
            remedy='Choose a set of which all are' + ''.join(
                f', or send POST /v1/backup/{id}/undelete first'
                for id in trashed))
    _demand_all({row.node for row in rows}, target, set_id, conf)
    kind = 'restore-set-plan' if plan else 'restore-set'
    return _submit(kind, target, context,
                   options={'set_id': set_id, **_forced(force)})


def _demand_all(has, target, set_id, conf):
    """Refuse a set that is not of exactly the nodes that there are: the
    clusters start anew, and must not do so beside a member that lives."""
    known = {node.name for node in inventory.nodes(target, conf)}
    if known - has:
        raise errors.Conflict(
            reason=f'Set {set_id} has no backup of '
                   f'{", ".join(sorted(known - has))}',
            remedy='Choose a set of all nodes, or restore them one by one')
    if has - known:
        raise errors.Conflict(
            reason=f'The inventory does not have '
                   f'{", ".join(sorted(has - known))} any more, of which the '
                   f'set has a backup',
            remedy='Put it back into the inventory, or choose another set')


def _submit(kind, target, context, **columns):
    job = jobs.create({
        'id': str(uuid.uuid4()), 'kind': kind, 'target': target,
        'holds': target, 'request_id': getattr(context, 'request_id', None),
        'user_id': getattr(context, 'user_id', None), **columns},
        [step.name for step in plans.build(kind)])
    messaging.run(job.id)
    return job
