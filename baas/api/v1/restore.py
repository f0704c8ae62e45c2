# SPDX-License-Identifier: Apache-2.0
"""/v1/restore: bring a backup onto a machine, or a set onto all of them; a
restore is a view of its job."""
import pecan
from wsme import types as wsme_types

from baas.api import expose
from baas.api import resource
from baas.api import types
from baas.api.v1 import job
from baas.db import restores
from baas import errors
from baas.jobs import choices
from baas.requests import restores as requests

NEWEST = (('created_at', 'desc'),)
SORT = types.sort(id='id', status='state', target='target', node='node',
                  creation_date='created_at', started_at='started_at',
                  finished_at='finished_at')


class Restore(resource.Resource):
    """A restore of a backup onto a node, or of a set onto all nodes."""
    _path = '/v1/restore'
    _plural = 'restores'

    id = resource.field(types.uuid, 'Id of the restore, and of its job.')
    backup_id = resource.field(
        types.uuid, 'The backup; null when a whole set is restored.',
        null=True)
    set_id = resource.field(
        types.uuid, 'The set; null when one backup is restored.',
        column=False, null=True)
    node = resource.field(
        str, 'The node that is restored over; null: all nodes of the target.',
        null=True)
    target = resource.field(job.TARGET, 'The target of the node.')
    status = resource.field(job.STATE, 'State of its job.', column='state')
    percent = resource.field(int, 'How far it is, 0 to 100.', column=False)
    creation_date = resource.field(types.timestamp, 'When it was asked for.',
                                   column='created_at')
    started_at = resource.field(types.timestamp, 'When it began.', null=True)
    finished_at = resource.field(types.timestamp, 'When it ended.', null=True)
    error = resource.field(job.Error, 'Why it failed.', column=False,
                           null=True)
    links = resource.field([resource.Link], 'Where it is.')


class Restores(wsme_types.Base):
    """A page of restores."""
    restores = resource.field([Restore], 'The restores.')
    links = resource.field([resource.Link],
                           'Where the next page is, if there is one.')


@expose.expose(Restores, job.TARGET, types.text(255), job.STATE, types.uuid,
               types.limit, types.uuid, SORT,
               route='GET /v1/restore', rule='baas:restore:list')
def index(target=None, node=None, status=None, backup_id=None, limit=None,
          marker=None, sort=NEWEST):
    """List restores, newest first.

    :param backup_id: Only those of this backup.
    """
    limit = resource.limit(limit)
    rows = _rows(sort, limit + 1, marker, node, target=target,
                 state=status, backup_id=backup_id)
    return Restore.page(rows, limit, _computed(rows))


@expose.expose(Restore, job.TARGET, types.text(255), job.STATE,
               route='GET /v1/restore/last',
               rule='baas:restore:show', fails=(404,))
def last(target=None, node=None, status=None):
    """Show the newest restore."""
    rows = _rows(NEWEST, 1, node=node, target=target, state=status)
    if not rows:
        raise errors.NoneYet('restore', {
            'target': target, 'node': node, 'status': status})
    return _one(rows[0])


@expose.expose(Restore, types.uuid, route='GET /v1/restore/{id}',
               rule='baas:restore:show', fails=(404,))
def show(id):
    """Show a restore."""
    rows = _rows(NEWEST, 1, id=id)
    if not rows:
        raise errors.NotFound(noun='restore', id=id)
    return _one(rows[0])


@expose.expose(job.Job, types.uuid, types.text(255), types.flag,
               types.words(*choices.FORCE), status_code=202,
               route='POST /v1/restore/{id}/{nodeid}',
               rule='baas:restore:create', fails=(404, 409))
def create(id, nodeid, plan=False, force=()):
    """Restore a backup onto a node, named by its inventory name, its bare
    metal UUID or name, or the UUID of its instance; or say what that would
    do."""
    return job.shown(requests.restore(
        id, nodeid, plan=plan, force=force,
        context=pecan.request.environ['baas.context']))


@expose.expose(job.Job, types.uuid, types.flag,
               types.words(choices.HEALTHY_MEMBER), status_code=202,
               route='POST /v1/restore/{id}',
               rule='baas:restore:create', fails=(404, 409))
def create_set(id, plan=False, force=()):
    """Restore a whole set: every node of its target from its backup, as one
    cluster that starts anew; or say what that would do."""
    return job.shown(requests.restore_set(
        id, plan=plan, force=force,
        context=pecan.request.environ['baas.context']))


def _rows(sort, limit, marker=None, node=None, **filters):
    return restores.page(filters=resource.given(**filters), node=node,
                         sort=sort, limit=limit, marker=marker)


def _computed(rows):
    progress = job.progress(rows)
    return {row.id: {'percent': progress[row.id]['percent'],
                     'error': progress[row.id]['error'],
                     'set_id': row.options.get('set_id')} for row in rows}


def _one(row):
    return Restore.one(row, **_computed([row])[row.id])
