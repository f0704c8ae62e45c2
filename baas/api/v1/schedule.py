# SPDX-License-Identifier: Apache-2.0
"""/v1/schedule: when backups are taken by themselves."""
import uuid

from oslo_config import cfg
import pecan
from wsme import types as wsme_types

from baas.api import expose
from baas.api import resource
from baas.api import types
from baas.api.v1 import etag
from baas.api.v1 import job
from baas.db.schedule import schedule_runs
from baas.db.schedule import schedules
from baas import errors
from baas.jobs import choices
from baas.requests import schedules as requests
from baas.schedules import due
from baas.schedules import timing

TARGET = types.choice(*choices.TARGETS)
MISSED = types.choice(*due.MISSED)
SORT = types.sort(id='id', name='name', target='target', cron='cron',
                  enabled='enabled', creation_date='created_at')
NAME, CRON, ZONE = types.text(255), types.text(100), types.text(64)
WINDOW = types.amount(1, 7 * 24 * 60)
JITTER = types.amount(0, 24 * 3600)
CREATED = (('created_at', 'asc'),)
_DEFAULTS = {'timezone': 'UTC', 'stopall': False, 'jitter_seconds': 0,
             'missed': due.ONCE, 'enabled': True}
_OF_TIME = {'cron', 'timezone', 'window_minutes', 'jitter_seconds'}
_SHOWN = 5
_MEANS = {
    'name': 'What it and its backups are called.',
    'target': 'What is backed up as a whole.',
    'cron': 'When its runs come: minute, hour, day of the month, month and '
            'day of the week, as crontab(5) has them.',
    'timezone': 'The time zone of these, by its IANA name.',
    'stopall': 'Whether services are quiesced for its backups.',
    'window_minutes': 'How long after its time a run may still begin.',
    'jitter_seconds': 'Its runs begin up to that much later, always by the '
                      'same time, so that not all begin at once.',
    'missed': 'What becomes of runs that nobody could begin in their window: '
              'the newest is caught up once, or all are skipped.',
    'enabled': 'Whether it has runs.',
}


class LastRun(wsme_types.Base):
    """What became of the last run of a schedule."""
    tick = resource.field(
        types.timestamp, 'When it was to be, without its jitter; null: '
                         'somebody asked for it.', null=True)
    state = resource.field(
        str, 'waiting, skipped, or the state of its job.')
    job_id = resource.field(types.uuid, 'Its job.', null=True)
    reason = resource.field(str, 'Why it was skipped, or waits.', null=True)
    created_at = resource.field(types.timestamp, 'When it was seen to.')


class Schedule(resource.Resource):
    """When backups of a target are taken by themselves."""
    _path = '/v1/schedule'
    _plural = 'schedules'

    id = resource.field(types.uuid, 'Id of the schedule.')
    name = resource.field(str, _MEANS['name'], null=True)
    target = resource.field(TARGET, _MEANS['target'])
    cron = resource.field(str, _MEANS['cron'])
    timezone = resource.field(str, _MEANS['timezone'])
    stopall = resource.field(bool, _MEANS['stopall'])
    window_minutes = resource.field(int, _MEANS['window_minutes'])
    jitter_seconds = resource.field(int, _MEANS['jitter_seconds'])
    missed = resource.field(MISSED, _MEANS['missed'])
    enabled = resource.field(bool, _MEANS['enabled'])
    next_runs = resource.field(
        [types.timestamp], 'When its next five runs begin; none while it is '
                           'disabled, or all are paused.', column=False)
    last_run = resource.field(LastRun, 'What became of its last run.',
                              column=False, null=True)
    revision = resource.field(int, 'Rises with each change; its ETag.')
    creation_date = resource.field(types.timestamp, 'When it was made.',
                                   column='created_at')
    updated_at = resource.field(types.timestamp, 'When it was last changed.')
    user_id = resource.field(str, 'The user who changed it last; its jobs '
                                  'are of this user.', null=True)
    links = resource.field([resource.Link], 'Where it is.')


class Schedules(wsme_types.Base):
    """A page of schedules."""
    schedules = resource.field([Schedule], 'The schedules.')
    links = resource.field([resource.Link],
                           'Where the next page is, if there is one.')


def _asked(datatype, name, mandatory=False):
    return resource.field(datatype, _MEANS[name], mandatory=mandatory)


class NewSchedule(wsme_types.Base):
    """What can be asked of a new schedule."""
    name = _asked(NAME, 'name')
    target = _asked(TARGET, 'target', mandatory=True)
    cron = _asked(CRON, 'cron', mandatory=True)
    timezone = _asked(ZONE, 'timezone')
    stopall = _asked(types.truth, 'stopall')
    window_minutes = _asked(WINDOW, 'window_minutes')
    jitter_seconds = _asked(JITTER, 'jitter_seconds')
    missed = _asked(MISSED, 'missed')
    enabled = _asked(types.truth, 'enabled')


class ScheduleChanges(wsme_types.Base):
    """What can be changed of a schedule."""
    name = _asked(NAME, 'name')
    target = _asked(TARGET, 'target')
    cron = _asked(CRON, 'cron')
    timezone = _asked(ZONE, 'timezone')
    stopall = _asked(types.truth, 'stopall')
    window_minutes = _asked(WINDOW, 'window_minutes')
    jitter_seconds = _asked(JITTER, 'jitter_seconds')
    missed = _asked(MISSED, 'missed')
    enabled = _asked(types.truth, 'enabled')


@expose.expose(Schedules, TARGET, NAME, types.flag, types.limit, types.uuid,
               SORT, route='GET /v1/schedule', rule='baas:schedule:list',
               since='1.1')
def index(target=None, name=None, enabled=None, limit=None, marker=None,
          sort=CREATED):
    """List schedules, oldest first.

    :param enabled: Only those that are enabled, or are not.
    """
    limit = resource.limit(limit)
    rows = schedules.page(
        filters=resource.given(target=target, name=name, enabled=enabled),
        sort=sort, limit=limit + 1, marker=marker)
    return Schedule.page(rows, limit, _computed(rows))


@expose.expose(Schedule, types.uuid, route='GET /v1/schedule/{id}',
               rule='baas:schedule:show', fails=(404,), since='1.1',
               tagged=True)
def show(id):
    """Show a schedule."""
    return _shown(schedules.get(id))


@expose.expose(Schedule, body=NewSchedule, status_code=201,
               route='POST /v1/schedule', rule='baas:schedule:create',
               fails=(409,), since='1.1', tagged=True)
def create(schedule):
    """Make a schedule."""
    columns = {**_DEFAULTS, **schedule}
    if 'window_minutes' not in columns:
        columns['window_minutes'] = timing.window(
            timing.Timing(columns['cron'], columns['timezone']))
    return _shown(schedules.create({
        **columns, **_timing(columns), **who(), 'id': str(uuid.uuid4())}))


@expose.expose(Schedule, types.uuid, body=ScheduleChanges,
               route='PATCH /v1/schedule/{id}', rule='baas:schedule:change',
               fails=(404, 409), since='1.1', tagged=True)
def change(id, changes):
    """Change a schedule, enable it or disable it."""
    before = schedules.get(id)
    etag.demand(before.revision)
    changes = {name: value for name, value in changes.items()
               if value != before._mapping[name]}
    if not changes:
        return _shown(before)
    if _OF_TIME & set(changes):
        changes.update(_timing({**before._mapping, **changes}))
    after = schedules.change(before, **changes, **who())
    if after is None:
        raise etag.PreconditionFailed(revision=before.revision)
    return _shown(after)


@expose.expose(None, types.uuid, route='DELETE /v1/schedule/{id}',
               rule='baas:schedule:delete', status_code=204, fails=(404,),
               since='1.1', tagged=True)
def delete(id):
    """Delete a schedule; its backups and jobs stay."""
    before = schedules.get(id)
    etag.demand(before.revision, required=False)
    if not schedules.delete(before):
        raise etag.PreconditionFailed(revision=before.revision)


@expose.expose(job.Job, types.uuid, status_code=202,
               route='POST /v1/schedule/{id}/run', rule='baas:schedule:run',
               fails=(404, 409), since='1.1')
def run(id):
    """Take the backups of a schedule now, whether or not it is enabled."""
    return job.shown(requests.begin_now(
        schedules.get(id), context=pecan.request.environ['baas.context']))


def _timing(columns):
    """Check what belongs together; give the columns that come of it."""
    found = timing.Timing(columns['cron'], columns['timezone'])
    timing.demand(found, columns['window_minutes'], columns['jitter_seconds'])
    return {'cron': ' '.join(columns['cron'].split()),
            'timing_key': found.key}


def who():
    """Give the columns that say who asks."""
    context = pecan.request.environ['baas.context']
    return {'user_id': context.user_id, 'request_id': context.request_id}


def _shown(row):
    return Schedule.one(row, **_computed([row])[row.id])


def _computed(rows):
    now = schedules.database_time()
    last = schedule_runs.last([row.id for row in rows])
    return {row.id: {'next_runs': next_runs(row, now),
                     'last_run': last_run(last.get(row.id))} for row in rows}


def next_runs(row, now):
    """Give when the next runs of a schedule, or of a policy, begin.

    :param now: the time, as :func:`schedules.database_time` gives it.
    :returns: list of str.
    """
    if not row.enabled or cfg.CONF.schedules.paused:
        return []
    try:
        return [resource.iso(begins) for begins in due.upcoming(
            due.Rules.of(row), now, _SHOWN)]
    except errors.InvalidArgument:
        return []  # an update has taken its time zone away


def last_run(run):
    """Show the last run of a schedule, or of a policy; None stays None.

    :param run: row of :func:`schedule_runs.last`.
    """
    return run and {
        'tick': resource.iso(run.tick), 'state': run.job_state or run.state,
        'job_id': run.job_id, 'reason': run.reason,
        'created_at': resource.iso(run.created_at)}
