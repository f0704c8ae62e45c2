# SPDX-License-Identifier: Apache-2.0
"""A run of a schedule, or of a clean-up, becomes a job, by the way of any
other request."""
import types

from oslo_config import cfg

from baas import context as contexts
from baas.db.retention import cleanups
from baas.db.schedule import schedule_runs
from baas.db.schedule import schedules
from baas import errors
from baas.requests import followers
from baas.requests import submit
from baas.schedules import due
from baas.schedules import overlap
from baas.schedules import equivalence


def demand(columns, others):
    """Make sure that a schedule fits to the others, and that what is to
    follow its runs is there.

    :param columns: its columns (mapping).
    :param others: rows of the other schedules of its target.
    :raises InvalidArgument: what is to follow names what is not there, or
        one that is enabled has a time zone that an update has taken away.
    :raises Conflict: another has the same times, its windows overlap with
        those of another, or there is nothing to clean up by.
    """
    followers.demand(columns['then'] or [], columns['target'])
    now = schedules.database_time()
    try:
        same = equivalence.first(columns, others, now)
    except errors.InvalidArgument:
        if columns['enabled']:
            raise
        return
    if same:
        raise schedules.of_the_same_times(same.id)
    if not columns['enabled'] or columns['may_overlap']:
        return
    mine = due.Rules.of(types.SimpleNamespace(**columns))
    for other in others:
        if other.may_overlap or not other.enabled:
            continue
        try:
            found = overlap.first(mine, due.Rules.of(other), now)
        except errors.InvalidArgument:
            continue  # an update has taken its time zone away
        if found:
            raise errors.Conflict(
                reason=f'Its windows overlap with those of schedule '
                       f'{other.id}: one would begin at '
                       f'{found[0]:%Y-%m-%d %H:%M} UTC and the other at '
                       f'{found[1]:%Y-%m-%d %H:%M} UTC',
                remedy='Choose other times or shorter windows, or set '
                       'may_overlap to true if one may wait for the other')


def begin(run, *, conf=cfg.CONF):
    """Ask for the backups of a run that is due. Whoever changed the schedule
    last is who asks.

    :param run: row of :func:`baas.db.schedule.schedule_runs.waiting`.
    :returns: the row of the job.
    :raises Gone: the run waits no more.
    :raises Conflict: the target has no nodes.
    :raises TargetBusy: another job is at work on the target.
    """
    return submit.backup(
        run.target, stopall=run.stopall, name=run.name,
        schedule_id=run.schedule_id,
        also=lambda connection, job_id: schedule_runs.submitted(
            connection, run, job_id),
        context=_whoever(run), conf=conf)


def begin_cleanup(run, *, conf=cfg.CONF):
    """Ask for the clean-up of a run that is due, as :func:`begin`.

    :param run: row of ``waiting`` of :data:`baas.db.retention.cleanups.TIMED`.
    :returns: the row of the job.
    :raises Gone: the run waits no more.
    :raises TargetBusy: another job is at work on the target.
    """
    return submit.cleanup(
        run.of_id, also=lambda connection, job_id: schedule_runs.submitted(
            connection, run, job_id, cleanups.TIMED),
        context=_whoever(run))


def _whoever(run):
    return contexts.RequestContext(
        user_id=run.user_id, request_id=run.request_id, overwrite=False)


def begin_now(schedule, *, context=None, conf=cfg.CONF):
    """Ask for the backups of a schedule at once, whether or not it is
    enabled or due.

    :param schedule: its row.
    :param context: who asks (:class:`oslo_context.context.RequestContext`).
    :returns: the row of the job.
    :raises NotFound: the schedule was deleted.
    :raises Conflict: the target has no nodes.
    :raises TargetBusy: another job is at work on the target.
    """
    return submit.backup(
        schedule.target, stopall=schedule.stopall, name=schedule.name,
        schedule_id=schedule.id,
        also=lambda connection, job_id: schedule_runs.asked_for(
            connection, schedule.id, job_id),
        context=context, conf=conf)
