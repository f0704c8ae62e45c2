# SPDX-License-Identifier: Apache-2.0
"""/v1/backup: the history of backups; take one, delete one."""
import pecan
from wsme import types as wsme_types

from baas.api import expose
from baas.api import resource
from baas.api import types
from baas.api.v1.backups import labels
from baas.api.v1 import coverage
from baas.api.v1 import job
from baas.api.v1 import verification as verifying
from baas.db import backups
from baas.db.retention import sets
from baas.db.retention import trash
from baas.jobs import choices
from baas.jobs import states
from baas.requests import expiry
from baas.requests import submit
from baas.requests import verifications

LISTED = types.choice(states.CREATING, states.AVAILABLE, states.FAILED,
                      states.DELETING)
STATUS = types.choice(*LISTED.values, states.TRASHED)
TARGET = types.choice(*choices.TARGETS)
SORT = types.sort(id='id', name='name', target='target', node='node',
                  status='status', creation_date='created_at',
                  size_bytes='size_bytes', stored_bytes='stored_bytes',
                  verified_at='verified_at')


class Backup(resource.Resource):
    """The immutable image of one node at one consistency point."""
    _path = '/v1/backup'
    _plural = 'backups'

    id = resource.field(types.uuid, 'Id of the backup.')
    name = resource.field(str, 'What it was called when it was asked for.')
    set_id = resource.field(
        types.uuid, 'The set: backups of one consistency point have the same. '
                    'It is the id of the job that took them, too.')
    target = resource.field(TARGET, 'What was backed up as a whole.')
    node = resource.field(str, 'The machine that this is the image of.')
    status = resource.field(
        STATUS, 'creating, available (it restores), error (it does not), '
                'deleting, or trashed (it can be undeleted until purge_at).')
    stopall = resource.field(bool, 'Whether services were quiesced for it.')
    creation_date = resource.field(types.timestamp, 'When it was asked for.',
                                   column='created_at')
    cloud_id = resource.field(
        types.uuid, 'The cloud that it is of; null in history of before there '
                    'was such an id.', null=True, since='1.1')
    location_url = resource.field(str, 'Where its data is.')
    payload = resource.field(str, 'How its data is stored.')
    size_bytes = resource.field(
        int, 'Size of all files as the node sees them.', null=True)
    stored_bytes = resource.field(
        int, 'What this backup added to the storage.', null=True)
    files = resource.field(int, 'Number of its files.', null=True)
    outage_seconds = resource.field(
        float, 'Outage of the node: from the first service that was quiesced '
               'until all were back; 0 when none was.',
        null=True)
    quiesce_mode = resource.field(
        str, 'How services were quiesced, stop or freeze; null: none was.',
        null=True)
    service_outages = resource.field(
        types.anything, 'How long each service of the node was out: seconds '
                        'by the name of the service.', null=True)
    client_outage_seconds = resource.field(
        float, 'The longest time without an answer that a client saw, of the '
               'whole set; null when nothing was probed.', null=True)
    verified_at = resource.field(
        types.timestamp, 'Since then all of its data was read back, and was '
                         'well; null when some of it never was, or is '
                         'damaged.', null=True)
    damages = resource.field(
        [verifying.Damage], 'What verification found damaged.',
        null=True, since='1.1')
    error = resource.field(str, 'Why it is in error.', null=True)
    missing_nodes = resource.field(
        [str], 'Nodes of the target that its set was taken without; null: it '
               'was to be of all.', null=True, since='1.1')
    protected = resource.field(
        bool, 'Whether nobody can delete it, as all of its set.',
        since='1.1')
    expires_at = resource.field(
        types.timestamp, 'Clean-ups keep it until then, and not after; null: '
                         'their policy says.', null=True, since='1.1')
    labels = resource.field(
        types.anything, 'What else it is called by: texts by keys.',
        null=True, since='1.1')
    suspicions = resource.field(
        [str], 'What is odd about it, beside earlier backups of its node; '
               'clean-ups remove nothing of its target until it is trusted.',
        null=True, since='1.1')
    trusted_at = resource.field(
        types.timestamp, 'When somebody said that it is as it should be.',
        null=True, since='1.1')
    purge_at = resource.field(
        types.timestamp, 'When it leaves the trash for good; null: it is not '
                         'in the trash.', null=True, since='1.1')
    links = resource.field([resource.Link], 'Where it is.')


class WholeBackup(Backup):
    """The immutable image of one node, with what is not in it."""
    coverage = resource.field(
        coverage.Coverage, 'What of its node is not in it; null: that is not '
                           'known.', column=False, null=True, since='1.1')


class Backups(wsme_types.Base):
    """A page of backups."""
    backups = resource.field([Backup], 'The backups.')
    links = resource.field([resource.Link],
                           'Where the next page is, if there is one.')


class Options(wsme_types.Base):
    """What can be asked of a new backup."""
    name = resource.field(types.text(255), 'What to call it.',
                          mandatory=False)
    max_outage = resource.field(
        types.duration, 'How long services may be quiesced at most: seconds, '
                        'or text such as 30s or 2m; 0: no limit. Without it '
                        'the configuration of the service says so.',
        mandatory=False)
    expires = resource.field(
        types.expiry, 'How long clean-ups keep it, such as 12h, 30d, 8w or '
                      '1y, or until when; they remove it afterwards. Without '
                      'it their policy says.', mandatory=False, since='1.1')
    labels = resource.field(
        labels.LABELS, 'What else to call it by: texts by keys.',
        mandatory=False, since='1.1')
    allow_degraded = resource.field(
        types.truth, 'Whether it is taken without nodes that cannot be '
                     'reached, if others can and have quorum.',
        mandatory=False, since='1.1')
    check_only = resource.field(
        types.truth, 'Whether to look only: the job checks the nodes, says '
                     'what the backup would cost, and takes none.',
        mandatory=False)


@expose.expose(Backups, TARGET, types.text(255), STATUS, types.text(255),
               types.uuid, types.limit, types.uuid, SORT, labels.FILTER,
               route='GET /v1/backup', rule='baas:backup:list',
               newer={'label': '1.1'})
def index(target=None, node=None, status=None, name=None, set_id=None,
          limit=None, marker=None, sort=backups.NEWEST, label=()):
    """List backups, newest first; those in the trash only by their status.

    :param set_id: Only those of this set.
    :param label: Only those with this label, as ticket:4711; of several, only
        those with all of them.
    """
    limit = resource.limit(limit)
    return Backup.page(
        backups.page(filters=resource.given(
            target=target, node=node, status=status or backups.LISTED,
            name=name, set_id=set_id), sort=sort, limit=limit + 1,
            marker=marker, labels=label),
        limit)


@expose.expose(WholeBackup, TARGET, types.text(255), LISTED,
               route='GET /v1/backup/last',
               rule='baas:backup:show', fails=(404,))
def last(target=None, node=None, status=states.AVAILABLE):
    """Show the newest backup that is available, or of another status."""
    return _whole(backups.last(
        resource.given(target=target, node=node, status=status)))


@expose.expose(WholeBackup, types.uuid, route='GET /v1/backup/{id}',
               rule='baas:backup:show', fails=(404,))
def show(id):
    """Show a backup."""
    return _whole(backups.get(id))


@expose.expose(job.Job, TARGET, types.flag, body=Options, status_code=202,
               route='POST /v1/backup/{target}',
               rule='baas:backup:create', fails=(409,))
def create(target, stopall=False, options=None):
    """Take a set: one backup of each node of a target.

    :param stopall: Whether services are quiesced for the backup.
    """
    if 'expires' in options:
        options['expires'] = expiry.until(options['expires'])
    return job.shown(submit.backup(
        target, stopall=stopall, **options,
        context=pecan.request.environ['baas.context']))


@expose.expose(job.Job, types.uuid, types.flag, status_code=202,
               route='DELETE /v1/backup/{id}',
               rule='baas:backup:delete', fails=(404, 409),
               newer={'purge': '1.1'})
def delete(id, purge=False):
    """Delete a backup, its stored data included; or move it to the trash,
    which the job has done then, if the service is configured so.

    :param purge: Whether it is deleted at once in any case; one that is in
        the trash is not deleted otherwise.
    """
    return job.shown(submit.delete(
        id, purge=purge, context=pecan.request.environ['baas.context']))


@expose.expose(Backup, types.uuid, types.flag,
               route='POST /v1/backup/{id}/undelete',
               rule='baas:backup:undelete', fails=(404, 409), since='1.1')
def undelete(id, whole_set=False):
    """Have a backup back from the trash, as it was.

    :param whole_set: Whether all of its set that is in the trash comes back
        with it, or nothing.
    """
    trash.undelete(id, whole_set)
    return _shown(id)


@expose.expose(job.Job, types.uuid, body=verifying.Verification,
               status_code=202, route='POST /v1/backup/{id}/verify',
               rule='baas:backup:verify', fails=(404, 409), since='1.1')
def verify(id, verification=None):
    """Read back what is stored of the node of a backup, and say what is
    damaged."""
    return job.shown(verifications.verify(
        id, **verification, context=pecan.request.environ['baas.context']))


@expose.expose(job.Job, types.uuid, body=verifying.SpotCheck,
               status_code=202, route='POST /v1/backup/{id}/spot-check',
               rule='baas:backup:verify', fails=(404, 409), since='1.1')
def spot_check(id, check=None):
    """Hold some files of a backup against its node.

    It is a random share of them, and they are counted.
    """
    return job.shown(verifications.spot_check(
        id, **check, context=pecan.request.environ['baas.context']))


@expose.expose(Backup, types.uuid, route='POST /v1/backup/{id}/protect',
               rule='baas:backup:protect', fails=(404, 409), since='1.1')
def protect(id):
    """Have nobody delete a backup, with all others of its set."""
    sets.protect(backups.get(id).set_id, True)
    return _shown(id)


@expose.expose(Backup, types.uuid, route='POST /v1/backup/{id}/unprotect',
               rule='baas:backup:protect', fails=(404, 409), since='1.1')
def unprotect(id):
    """Let a backup be deleted again, with all others of its set."""
    sets.protect(backups.get(id).set_id, False)
    return _shown(id)


@expose.expose(Backup, types.uuid, route='POST /v1/backup/{id}/trust',
               rule='baas:backup:trust', fails=(404, 409), since='1.1')
def trust(id):
    """Say that a backup is as it should be however odd it looks, with all
    others of its set, and let clean-ups go on."""
    sets.trust(backups.get(id).set_id)
    return _shown(id)


def _whole(row):
    return WholeBackup.one(row, coverage=coverage.of_backup(row))


def _shown(id):
    return Backup.one(backups.get(id))
