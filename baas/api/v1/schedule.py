# SPDX-License-Identifier: Apache-2.0
"""/v1/schedule: when backups are taken by themselves."""
import uuid

from oslo_config import cfg
import pecan

from baas.api import expose
from baas.api import resource
from baas.api import types
from baas.api.v1 import etag
from baas.api.v1 import job
from baas.api.v1.schedules import pause
from baas.api.v1.schedules import resources
from baas.db.schedule import pauses
from baas.db.schedule import schedule_runs
from baas.db.schedule import schedules
from baas import errors
from baas.requests import schedules as requests
from baas.schedules import due
from baas.schedules import pings
from baas.schedules import timing

SORT = types.sort(id='id', name='name', target='target', cron='cron',
                  enabled='enabled', creation_date='created_at')
CREATED = (('created_at', 'asc'),)
TARGET, NAME = resources.TARGET, resources.NAME
_DEFAULTS = {'timezone': 'UTC', 'stopall': False, 'jitter_seconds': 0,
             'missed': due.ONCE, 'grace_minutes': 180, 'may_overlap': False,
             'then': None, 'ping_url': None, 'enabled': True}
_OF_TIME = {'cron', 'timezone', 'window_minutes', 'jitter_seconds'}
_OF_OTHERS = {*_OF_TIME, 'target', 'enabled', 'may_overlap', 'then'}
"""What must fit to other schedules, and to policies."""
_SHOWN = 5


@expose.expose(resources.Schedules, TARGET, NAME, types.flag, types.limit,
               types.uuid, SORT, route='GET /v1/schedule',
               rule='baas:schedule:list', since='1.1')
def index(target=None, name=None, enabled=None, limit=None, marker=None,
          sort=CREATED):
    """List schedules, oldest first.

    :param enabled: Only those that are enabled, or are not.
    """
    limit = resource.limit(limit)
    rows = schedules.page(
        filters=resource.given(target=target, name=name, enabled=enabled),
        sort=sort, limit=limit + 1, marker=marker)
    last = pauses.last()
    return {**resources.Schedule.page(rows, limit, _computed(rows, last)),
            'pause': pause.shown(last)}


@expose.expose(resources.Schedule, types.uuid, route='GET /v1/schedule/{id}',
               rule='baas:schedule:show', fails=(404,), since='1.1',
               tagged=True)
def show(id):
    """Show a schedule."""
    return _shown(schedules.get(id))


@expose.expose(resources.Schedule, body=resources.NewSchedule, status_code=201,
               route='POST /v1/schedule', rule='baas:schedule:create',
               fails=(409,), since='1.1', tagged=True)
def create(schedule):
    """Make a schedule."""
    columns = {**_DEFAULTS, **schedule}
    if 'window_minutes' not in columns:
        columns['window_minutes'] = timing.window(
            timing.Timing(columns['cron'], columns['timezone']))
    return _shown(schedules.create({
        **columns, **_timing(columns), **who(), 'id': str(uuid.uuid4())},
        demand=requests.demand))


@expose.expose(resources.Schedule, types.uuid, body=resources.ScheduleChanges,
               route='PATCH /v1/schedule/{id}', rule='baas:schedule:change',
               fails=(404, 409), since='1.1', tagged=True)
def change(id, changes):
    """Change a schedule, enable it or disable it."""
    return _shown(etag.apply(lambda: schedules.get(id),
                             lambda before: _change(before, changes)))


def _change(before, changes):
    changes = {name: value for name, value in changes.items()
               if value != before._mapping[name]}
    if not changes:
        return before
    if _OF_TIME & set(changes):
        changes.update(_timing({**before._mapping, **changes}))
    given = {'demand': requests.demand} if _OF_OTHERS & set(changes) else {}
    return schedules.change(before, **given, **changes, **who())


@expose.expose(None, types.uuid, route='DELETE /v1/schedule/{id}',
               rule='baas:schedule:delete', status_code=204, fails=(404, 409),
               since='1.1', tagged=True)
def delete(id):
    """Delete a schedule; its backups and jobs stay."""
    etag.apply(lambda: schedules.get(id), schedules.delete, required=False)


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
    return resources.Schedule.one(
        row, **_computed([row], pauses.last())[row.id])


def _computed(rows, last):
    runs = schedule_runs.last([row.id for row in rows])
    return {row.id: {
        'next_runs': next_runs(row, last), 'then': row.then or [],
        'ping_host': row.ping_url and pings.host(row.ping_url),
        'last_run': last_run(runs.get(row.id))} for row in rows}


def next_runs(row, last):
    """Give when the next runs of a schedule, or of a policy, begin.

    :param last: the last :class:`pauses.Pause`.
    :returns: list of str.
    """
    if (not row.enabled or cfg.CONF.schedules.paused
            or last.is_on and last.until is None):
        return []
    # A run that a pause skips is none.
    since = last.until if last.is_on else last.now
    try:
        return [resource.iso(begins) for begins in due.upcoming(
            due.Rules.of(row), since, _SHOWN)]
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
