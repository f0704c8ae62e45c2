# SPDX-License-Identifier: Apache-2.0
"""/v1/cleanup: which sets stay, and what goes."""
import uuid

import pecan
from wsme import types as wsme_types

from baas.api import expose
from baas.api import resource
from baas.api import types
from baas.api.v1 import cleanup_preview as previews
from baas.api.v1 import etag
from baas.api.v1 import job
from baas.api.v1 import schedule
from baas.api.v1.schedules import arguments
from baas.api.v1.schedules import resources
from baas.db.retention import cleanups
from baas.db.schedule import pauses
from baas.db.schedule import schedule_runs
from baas import errors
from baas.jobs import choices
from baas.requests import cleanups as requests
from baas.requests import submit
from baas.retention import policy as policies
from baas.schedules import due
from baas.schedules import timing

TARGET = types.choice(*choices.TARGETS)
NAME, ZONE = types.text(255), types.text(64)
COUNT = types.amount(0, policies.MOST)
MINIMUM = types.amount(1, policies.MOST)
SORT = types.sort(id='id', name='name', target='target',
                  creation_date='created_at')
CREATED = (('created_at', 'asc'),)
_DEFAULTS = {'minimum': 1, 'timezone': 'UTC', 'keep_within': None,
             'cron': None, 'jitter_seconds': 0, 'missed': due.ONCE,
             'enabled': True,
             **{f'keep_{name}': 0 for name in policies.PERIODS}}
_WINDOW = 60
_MEANS = {
    'name': 'What it is called.',
    'target': 'What it is for; a target has one policy.',
    'minimum': 'How many of the newest good sets stay whatever the rules '
               'say, and of the verified ones as many.',
    'keep_within': 'Sets that are not older than the newest good one by this '
                   'stay, such as 12h, 30d, 8w or 1y.',
    'keep_last': 'How many of the newest sets stay.',
    'keep_hourly': 'Of how many hours with a set the newest one stays.',
    'keep_daily': 'The same of days.',
    'keep_weekly': 'The same of weeks, from Monday.',
    'keep_monthly': 'The same of months.',
    'keep_yearly': 'The same of years.',
    'timezone': 'Where hours and days begin, the IANA name of a time zone.',
    'cron': 'When it is run by itself, as that of a schedule, in its time '
            'zone; without it never.',
    'window_minutes': 'How long after its time a run may still begin.',
    'jitter_seconds': 'Its runs begin up to that much later, always by the '
                      'same time.',
    'missed': 'What becomes of runs that nobody could begin in their window: '
              'the newest is caught up once, or all are skipped.',
    'enabled': 'Whether it has runs, if it has a cron.',
}


class Cleanup(resource.Resource):
    """Which sets of a target stay: a policy of clean-ups."""
    _path = '/v1/cleanup'
    _plural = 'cleanups'

    id = resource.field(types.uuid, 'Id of the policy.')
    name = resource.field(str, _MEANS['name'], null=True)
    target = resource.field(TARGET, _MEANS['target'])
    minimum = resource.field(int, _MEANS['minimum'])
    keep_within = resource.field(str, _MEANS['keep_within'], null=True)
    keep_last = resource.field(int, _MEANS['keep_last'])
    keep_hourly = resource.field(int, _MEANS['keep_hourly'])
    keep_daily = resource.field(int, _MEANS['keep_daily'])
    keep_weekly = resource.field(int, _MEANS['keep_weekly'])
    keep_monthly = resource.field(int, _MEANS['keep_monthly'])
    keep_yearly = resource.field(int, _MEANS['keep_yearly'])
    timezone = resource.field(str, _MEANS['timezone'])
    cron = resource.field(str, _MEANS['cron'], null=True)
    window_minutes = resource.field(int, _MEANS['window_minutes'])
    jitter_seconds = resource.field(int, _MEANS['jitter_seconds'])
    missed = resource.field(resources.MISSED, _MEANS['missed'])
    enabled = resource.field(bool, _MEANS['enabled'])
    next_runs = resource.field(
        [types.timestamp], 'When its next five runs begin; none without a '
                           'cron, while it is disabled, or all are paused '
                           'for as long as nobody knows.',
        column=False)
    last_run = resource.field(resources.LastRun, 'What became of its last '
                              'run.', column=False, null=True)
    user_id = resource.field(str, 'The user who changed it last; jobs of its '
                                  'runs are of this user.', null=True)
    revision = resource.field(int, 'Rises with each change; its ETag.')
    creation_date = resource.field(types.timestamp, 'When it was made.',
                                   column='created_at')
    updated_at = resource.field(types.timestamp, 'When it was last changed.')
    links = resource.field([resource.Link], 'Where it is.')


class Cleanups(wsme_types.Base):
    """A page of policies."""
    cleanups = resource.field([Cleanup], 'The policies.')
    links = resource.field([resource.Link],
                           'Where the next page is, if there is one.')


def _asked(datatype, name, mandatory=False, null=False):
    return resource.field(datatype, _MEANS[name], mandatory=mandatory,
                          null=null)


class CleanupChanges(wsme_types.Base):
    """What can be changed of a policy; 0 takes a rule away, and null a name,
    a cron or an age."""
    name = _asked(NAME, 'name', null=True)
    minimum = _asked(MINIMUM, 'minimum')
    keep_within = _asked(types.age, 'keep_within', null=True)
    keep_last = _asked(COUNT, 'keep_last')
    keep_hourly = _asked(COUNT, 'keep_hourly')
    keep_daily = _asked(COUNT, 'keep_daily')
    keep_weekly = _asked(COUNT, 'keep_weekly')
    keep_monthly = _asked(COUNT, 'keep_monthly')
    keep_yearly = _asked(COUNT, 'keep_yearly')
    timezone = _asked(ZONE, 'timezone')
    cron = _asked(arguments.CRON, 'cron', null=True)
    window_minutes = _asked(resources.WINDOW, 'window_minutes')
    jitter_seconds = _asked(resources.JITTER, 'jitter_seconds')
    missed = _asked(resources.MISSED, 'missed')
    enabled = _asked(types.truth, 'enabled')


class NewCleanup(CleanupChanges):
    """What can be asked of a new policy; it has to keep something."""
    target = _asked(TARGET, 'target', mandatory=True)


@expose.expose(Cleanups, TARGET, NAME, types.limit, types.uuid, SORT,
               route='GET /v1/cleanup', rule='baas:cleanup:list',
               since='1.1')
def index(target=None, name=None, limit=None, marker=None, sort=CREATED):
    """List policies of clean-ups, oldest first."""
    limit = resource.limit(limit)
    rows = cleanups.page(
        filters=resource.given(target=target, name=name), sort=sort,
        limit=limit + 1, marker=marker)
    return Cleanup.page(rows, limit, _computed(rows))


@expose.expose(Cleanup, types.uuid, route='GET /v1/cleanup/{id}',
               rule='baas:cleanup:show', fails=(404,), since='1.1',
               tagged=True)
def show(id):
    """Show a policy of clean-ups."""
    return _shown(cleanups.get(id))


@expose.expose(Cleanup, body=NewCleanup, status_code=201,
               route='POST /v1/cleanup', rule='baas:cleanup:create',
               fails=(409,), since='1.1', tagged=True)
def create(cleanup):
    """Make a policy of clean-ups. Without a cron it removes nothing by
    itself."""
    columns = _checked({**_DEFAULTS, 'window_minutes': None, **cleanup})
    return _shown(cleanups.create({
        **columns, **schedule.who(), 'id': str(uuid.uuid4())}))


@expose.expose(Cleanup, types.uuid, body=CleanupChanges,
               route='PATCH /v1/cleanup/{id}', rule='baas:cleanup:change',
               fails=(404, 409), since='1.1', tagged=True)
def change(id, changes):
    """Change a policy of clean-ups."""
    return _shown(etag.apply(lambda: cleanups.get(id),
                             lambda before: _change(before, changes)))


def _change(before, changes):
    # What nobody has chosen is not to be in the way of the first cron.
    anew = ({'window_minutes': None} if before.cron is None
            and before.window_minutes == _WINDOW else {})
    columns = _checked({**before._mapping, **anew, **changes})
    if all(columns[name] == before._mapping[name] for name in changes):
        return before
    return cleanups.change(before, **schedule.who(), **{
        name: columns[name] for name in {**anew, **changes}})


@expose.expose(None, types.uuid, route='DELETE /v1/cleanup/{id}',
               rule='baas:cleanup:delete', status_code=204, fails=(404, 409),
               since='1.1', tagged=True)
def delete(id):
    """Delete a policy of clean-ups; sets stay."""
    etag.apply(lambda: cleanups.get(id), cleanups.delete, required=False)


@expose.expose(previews.Preview, types.uuid,
               route='GET /v1/cleanup/{id}/preview',
               rule='baas:cleanup:preview', fails=(404,), since='1.1')
def preview(id):
    """Say of each set of the target whether a clean-up would keep it, and
    why; nothing is removed."""
    row = cleanups.get(id)
    return previews.shown(row, requests.decide(row))


@expose.expose(job.Job, types.uuid, status_code=202,
               route='POST /v1/cleanup/{id}/run', rule='baas:cleanup:run',
               fails=(404, 409), since='1.1')
def run(id):
    """Delete all sets that a policy does not keep: they are in the trash
    first, unless the service is configured otherwise."""
    return job.shown(submit.cleanup(
        id, context=pecan.request.environ['baas.context']))


def _checked(columns):
    """Give the columns as they are kept.

    :raises InvalidArgument: there is no such time zone, all would go, its
        times are none, or its name is that of another target.
    """
    if columns.get('name') in choices.TARGETS and (
            columns['name'] != columns['target']):
        raise errors.InvalidArgument(
            argument='name', reason='is that of another target')
    if columns['keep_within'] == '0':
        columns['keep_within'] = None
    requests.policy(columns)
    window = columns['window_minutes']
    if columns['cron'] is None:
        return {**columns, 'window_minutes': window or _WINDOW}
    found = timing.Timing(columns['cron'], columns['timezone'])
    window = window or timing.window(found)
    timing.demand(found, window, columns['jitter_seconds'])
    return {**columns, 'window_minutes': window,
            'cron': ' '.join(columns['cron'].split())}


def _shown(row):
    return Cleanup.one(row, **_computed([row])[row.id])


def _computed(rows):
    pause = pauses.last()
    last = schedule_runs.last([row.id for row in rows], cleanups.TIMED)
    return {row.id: {
        'next_runs': schedule.next_runs(row, pause) if row.cron else [],
        'last_run': schedule.last_run(last.get(row.id))} for row in rows}
