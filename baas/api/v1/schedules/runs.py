# SPDX-License-Identifier: Apache-2.0
"""/v1/schedule/{id}/runs: what became of each tick."""
from wsme import types as wsme_types

from baas.api import expose
from baas.api import resource
from baas.api import types
from baas.api.v1.schedules import arguments
from baas.db.schedule import followers
from baas.db.schedule import schedule_pings
from baas.db.schedule import schedule_runs
from baas.db.schedule import schedules
from baas.jobs import states

OUTCOMES = WAITING, STARTED, SKIPPED, MISSED = (
    'waiting', 'started', 'skipped', 'missed')


class Follower(wsme_types.Base):
    """What follows a run."""
    action = resource.field(str, 'What it is, a word of then.')
    state = resource.field(str, 'waiting, skipped, or the state of its job.')
    job_id = resource.field(types.uuid, 'Its job.', null=True)
    reason = resource.field(str, 'Why it was skipped, or waits.', null=True)


class Ping(wsme_types.Base):
    """What a monitor is told of a run."""
    moment = resource.field(str, 'start or end of its job.')
    state = resource.field(str, 'waiting, sent or skipped.')
    sent_at = resource.field(types.timestamp, 'When the monitor took it.',
                             null=True)
    error = resource.field(str, 'Why it was not sent, or not yet.', null=True)


class Run(wsme_types.Base):
    """One tick of a schedule, and what became of it."""
    id = resource.field(int, 'Number of the run; later ones are higher.')
    tick = resource.field(
        types.timestamp, 'When it was to be, without its jitter; null: '
                         'somebody asked for it.', null=True)
    outcome = resource.field(
        types.choice(*OUTCOMES), 'Whether it waits, has a job, was skipped, '
        'or was missed: skipped since nobody looked in time.')
    begin_until = resource.field(
        types.timestamp, 'When its window ended or ends.', null=True)
    job_id = resource.field(types.uuid, 'Its job.', null=True)
    job_state = resource.field(str, 'State of its job.', null=True)
    reason = resource.field(str, 'Why it was skipped, or waits.', null=True)
    then = resource.field([Follower], 'What follows it, in order.')
    pings = resource.field([Ping], 'What a monitor is told of it.')
    created_at = resource.field(types.timestamp, 'When it was seen to.')


class Runs(wsme_types.Base):
    """A page of runs."""
    runs = resource.field([Run], 'The runs, newest first.')
    links = resource.field([resource.Link],
                           'Where the next page is, if there is one.')


@expose.expose(Runs, types.uuid, types.limit, arguments.RUN_ID,
               route='GET /v1/schedule/{id}/runs', rule='baas:schedule:runs',
               fails=(404,), since='1.1')
def index(id, limit=None, marker=None):
    """List the last hundred runs of a schedule, newest first."""
    schedules.get(id)
    limit = resource.limit(limit)
    rows = schedule_runs.page(id, limit=limit + 1, marker=marker)
    ids = [row.id for row in rows[:limit]]
    after, told = followers.by_runs(ids), schedule_pings.by_runs(ids)
    return {'runs': [_shown(row, after.get(row.id, []), told.get(row.id, []))
                     for row in rows[:limit]],
            'links': [resource.next_link(rows[limit - 1].id)]
            if len(rows) > limit else []}


def _shown(run, after, told):
    outcome = {states.WAITING: WAITING, states.SUBMITTED: STARTED}.get(
        run.state, MISSED if run.was_missed else SKIPPED)
    return {'id': run.id, 'tick': resource.iso(run.tick), 'outcome': outcome,
            'begin_until': resource.iso(run.begin_until),
            'job_id': run.job_id, 'job_state': run.job_state,
            'reason': run.reason, 'created_at': resource.iso(run.created_at),
            'then': [{'action': one.action,
                      'state': one.job_state or one.state,
                      'job_id': one.job_id, 'reason': one.reason}
                     for one in after],
            'pings': [{'moment': one.moment, 'state': one.state,
                       'sent_at': resource.iso(one.sent_at),
                       'error': one.error} for one in told]}
