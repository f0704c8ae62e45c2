# SPDX-License-Identifier: Apache-2.0
"""/v1/job: the work of the service, how far it is, and its log."""
from wsme import types as wsme_types

from baas.api import expose
from baas.api import resource
from baas.api import types
from baas.api.v1 import coverage
from baas.api.v1 import log
from baas.api.v1 import restore_plan
from baas.db import backups
from baas.db import jobs
from baas.db import steps
from baas.jobs import choices
from baas.jobs import outage
from baas.jobs import plans
from baas.jobs import states
from baas.requests import submit

KIND = types.choice(*plans.PLANS)
STATE = types.choice(states.QUEUED, states.RUNNING, states.CANCELLING,
                     states.DONE, states.ERROR, states.CANCELLED)
STEP_STATE = types.choice(states.WAITING, states.SKIPPED, states.RUNNING,
                          states.DONE, states.ERROR, states.CANCELLED)
TARGET = types.choice(*choices.TARGETS)
SORT = types.sort(id='id', kind='kind', name='name', state='state',
                  target='target', node='node', creation_date='created_at',
                  started_at='started_at', finished_at='finished_at')


class Error(wsme_types.Base):
    """Why a job failed."""
    node = resource.field(str, 'The node that failed.', null=True)
    step = resource.field(str, 'The step that failed.', null=True)
    cause = resource.field(str, 'What went wrong, one sentence.')
    hint = resource.field(str, 'What to do, one sentence.', null=True)


class Step(wsme_types.Base):
    """One step of a job."""
    name = resource.field(str, 'Name of the step.')
    state = resource.field(STEP_STATE, 'State of the step.')
    percent = resource.field(int, 'How far it is, 0 to 100.')
    task = resource.field(str, 'What it is doing.', null=True)
    nodes = resource.field(
        types.anything, 'Progress of each node: state, task, percent, '
                        'bytes_done and bytes_total by the name of the node.')
    started_at = resource.field(types.timestamp, 'When it began.', null=True)
    finished_at = resource.field(types.timestamp, 'When it ended.', null=True)


class Forecast(wsme_types.Base):
    """What a backup is expected to cost; null is not known."""
    outage_seconds = resource.field(
        float, 'How long services will be quiesced, 0 when none is; without '
               'an earlier set the part that the nodes know.', null=True)
    duration_seconds = resource.field(
        float, 'How long the whole backup will take.', null=True)
    stored_bytes = resource.field(
        int, 'What it will add to the storage; without an earlier set all '
             'that the nodes hold.', null=True)
    set_id = resource.field(
        types.uuid, 'The earlier set that these figures are of.', null=True)
    max_outage_seconds = resource.field(
        float, 'How long services may be quiesced at most; null: no limit.',
        null=True)
    back_within_seconds = resource.field(
        float, 'By when services are back whatever dies, from the first stop '
               'on; null when none is quiesced.', null=True)
    summary = resource.field([str], 'The same in words.')


class Outage(wsme_types.Base):
    """Outage of a set, the longest of all nodes."""
    quiesce_mode = resource.field(
        str, 'How services were quiesced, stop or freeze; null: none was.',
        null=True)
    outage_seconds = resource.field(
        float, 'The longest outage of its nodes; 0 when none was quiesced.')
    service_outages = resource.field(
        types.anything, 'How long each service was out: seconds by the name '
                        'of the service.')
    client_outage_seconds = resource.field(
        float, 'The longest time without an answer that a client saw; null '
               'when nothing was probed.', null=True)


class Job(resource.Resource):
    """One piece of work."""
    _path = '/v1/job'
    _plural = 'jobs'

    id = resource.field(types.uuid, 'Id of the job.')
    kind = resource.field(KIND, 'What it does.')
    name = resource.field(str, 'What its backups are called.', null=True)
    state = resource.field(STATE, 'State of the job.')
    target = resource.field(TARGET, 'What it works on.')
    node = resource.field(str, 'The one node that it works on; null: all of '
                               'the target.', null=True)
    backup_id = resource.field(
        types.uuid, 'The backup that it restores, verifies or deletes.',
        null=True)
    options = resource.field(types.anything, 'What the request asked for.')
    percent = resource.field(int, 'How far the whole job is, 0 to 100.',
                             column=False)
    step = resource.field(
        str, 'The step it is at or was last; of one that failed, the step '
             'that did.', column=False, null=True)
    task = resource.field(str, 'What that step is doing.', column=False,
                          null=True)
    epoch = resource.field(int, 'How often conductors have claimed it.')
    creation_date = resource.field(types.timestamp, 'When it was asked for.',
                                   column='created_at')
    started_at = resource.field(types.timestamp, 'When it began.', null=True)
    finished_at = resource.field(types.timestamp, 'When it ended.', null=True)
    request_id = resource.field(str, 'The request that asked for it.',
                                null=True)
    user_id = resource.field(str, 'The user who asked for it.', null=True)
    error = resource.field(Error, 'Why it failed.', column=False, null=True)
    links = resource.field([resource.Link], 'Where it is.')


class WholeJob(Job):
    """One piece of work, with its steps."""
    forecast = resource.field(
        Forecast, 'What its check expects of a backup.', column=False,
        null=True)
    plan = resource.field(
        restore_plan.RestorePlan, 'What a restore will do.', column=False,
        null=True)
    outage = resource.field(
        Outage, 'Outage of its backups.', column=False,
        null=True)
    coverage = resource.field(
        coverage.Coverage, 'What its set does not hold, or would not.',
        column=False, null=True, since='1.1')
    result = resource.field(
        types.anything, 'What a verification has read or compared, by node.',
        null=True, since='1.1')
    steps = resource.field([Step], 'Its steps, in order.', column=False)
    backups = resource.field([types.uuid], 'The backups that it makes.',
                             column=False)


class Jobs(wsme_types.Base):
    """A page of jobs."""
    jobs = resource.field([Job], 'The jobs.')
    links = resource.field([resource.Link],
                           'Where the next page is, if there is one.')


@expose.expose(Jobs, KIND, STATE, TARGET, types.text(255), types.limit,
               types.uuid, SORT,
               route='GET /v1/job', rule='baas:job:list')
def index(kind=None, state=None, target=None, node=None, limit=None,
          marker=None, sort=(('created_at', 'desc'),)):
    """List jobs, newest first.

    :param kind: Only those of this kind.
    :param state: Only those in this state.
    """
    limit = resource.limit(limit)
    rows = jobs.page(filters=resource.given(
        kind=kind, state=state, target=target, node=node),
        sort=sort, limit=limit + 1, marker=marker)
    return Job.page(rows, limit, progress(rows))


@expose.expose(WholeJob, types.uuid, route='GET /v1/job/{id}',
               rule='baas:job:show', fails=(404,))
def show(id):
    """Show a job with its steps."""
    row = jobs.get(id)
    mine, made = steps.by_job(id), backups.by_set(id)
    return WholeJob.one(
        row, **_summary(row, mine), steps=[_step(step) for step in mine],
        forecast=row.forecast, plan=row.plan, outage=outage.of_set(made),
        coverage=coverage.of_job(id), backups=[backup.id for backup in made])


@expose.expose(log.Log, types.uuid, types.limit, types.number(),
               route='GET /v1/job/{id}/log',
               rule='baas:job:log', text=True, fails=(404,))
def events(id, limit=None, marker=None):
    """Read the log of a job, oldest line first."""
    jobs.get(id)
    return log.page(id, resource.limit(limit), marker)


@expose.expose(Job, types.uuid, status_code=202,
               route='POST /v1/job/{id}/cancel', rule='baas:job:cancel',
               fails=(404, 409))
def cancel(id):
    """Stop a job and undo what it began."""
    return shown(submit.cancel(id))


def shown(row):
    """Render a job as the answer to a request that made or changed it."""
    return Job.one(row, **progress([row])[row.id])


def progress(rows):
    """Work out how far jobs are.

    :param rows: rows of jobs.
    :returns: mapping of job id to percent, step, task and error.
    """
    by_job = {row.id: [] for row in rows}
    # Most jobs of a list are done, and need no look at their steps.
    for step in steps.by_jobs([row.id for row in rows
                               if row.state != states.DONE]):
        by_job[step.job_id].append(step)
    return {row.id: _summary(row, by_job[row.id]) for row in rows}


def _summary(row, mine):
    plan = plans.build(row.kind)
    if row.state == states.DONE:
        return {'percent': 100, 'step': plan[-1].name, 'task': None,
                'error': None}
    begun = [step for step in mine
             if step.state not in (states.WAITING, states.SKIPPED)]
    # What releases comes after what failed, and is not what to look at.
    last = next((step for step in mine if step.name == row.error_step),
                begun[-1] if begun else None)
    return {'percent': _percent(plan, mine),
            'step': last and last.name, 'task': last and last.task,
            'error': row.error_cause and {
                'node': row.error_node, 'step': row.error_step,
                'cause': row.error_cause, 'hint': row.error_hint}}


def _percent(plan, mine):
    # The longer a step may take, the more of the whole it is.
    weights = {step.name: step.minutes for step in plan}
    whole = sum(weights.get(step.name, 1) for step in mine)
    done = sum(weights.get(step.name, 1) * step.percent for step in mine)
    return done // whole if whole else 0


def _step(row):
    return {'name': row.name, 'state': row.state, 'percent': row.percent,
            'task': row.task, 'nodes': row.nodes,
            'started_at': resource.iso(row.started_at),
            'finished_at': resource.iso(row.finished_at)}
