# SPDX-License-Identifier: Apache-2.0
"""Looks for runs that are due, and asks for their backups and clean-ups.

A run is written down first, by a key that the database keeps unique, and its
job in the same transaction that marks it as submitted: a conductor may die
between any two lines, and any other goes on.
"""
import dataclasses
import datetime

from oslo_config import cfg
from oslo_log import log

from baas.db.retention import cleanups
from baas.db.schedule import pauses
from baas.db.schedule import schedule_runs
from baas.db.schedule import schedules
from baas.db import session
from baas import errors
from baas.requests import schedules as requests
from baas.schedules import due

LOG = log.getLogger(__name__)
PAUSED = 'Schedules are paused: [schedules] paused is set.'
PAUSED_BY = 'Schedules were paused by {} at {}{}.'
OVER = 'It could not begin within its window.'
FAILED = 'The service failed; the log of the conductor has more.'
_ACTS = ((schedule_runs.SCHEDULE, schedules.enabled, requests.begin),
         (cleanups.TIMED, cleanups.enabled, requests.begin_cleanup))
"""What has runs, its rows, and what asks for the job of a run. Of one target
backups come first."""


def begin_due(conf=cfg.CONF, clock=schedules.database_time):
    """Write down what has become due, and begin what waits. A schedule that
    cannot be looked at keeps no other from it.

    :param clock: gives the time, the same for all conductors (naive
        datetime, UTC).
    """
    for of, rows, _begins in _ACTS:
        for row in rows():
            _apart(of, row.id, _look, of, row, clock(), conf)
    busy = {}  # targets that a run was refused for already
    for of, _rows, begins in _ACTS:
        for run in schedule_runs.waiting(of):
            _apart(of, run.of_id, _begin, of, begins, run, clock(), conf,
                   busy)


def paused(time, conf):
    """Tell why nothing begins at a time: a sentence, or None.

    :param time: naive datetime in UTC, by the clock of the database.
    """
    if conf.schedules.paused:
        return PAUSED
    pause = pauses.last()
    if not pause.covers(time):
        return None
    return PAUSED_BY.format(
        pause.user_id or 'somebody', f'{pause.paused_at:%F %H:%M} UTC',
        f': {pause.reason.rstrip(".")}' if pause.reason else '')


def _apart(of, id, act, *given):
    try:
        act(*given)
    except Exception as error:
        if session.is_away(error):
            raise
        LOG.exception('The %s %s could not be attended to', of.noun, id)


def _look(of, row, now, conf):
    rules = due.Rules.of(row)
    runs = [_unless_paused(run, rules, conf)
            for run in due.look(rules, min(row.seen_at, now), now)]
    # A clock that was set back must not keep a schedule silent until then.
    if not runs and row.seen_at <= now:
        return
    # No good set is expected of a tick that a pause has skipped.
    columns = {'counts_from': now} if (
        of is schedule_runs.SCHEDULE and runs
        and paused(runs[-1].tick + rules.jitter, conf)) else {}
    if schedule_runs.record(row, runs, now, of, **columns):
        for run in runs:
            if run.reason:
                LOG.warning('The run of %s %s at %s is skipped: %s', of.noun,
                            row.id, f'{run.tick:%F %T} UTC', run.reason)


def _unless_paused(run, rules, conf):
    reason = paused(run.tick + rules.jitter, conf)
    return dataclasses.replace(
        run, reason=reason, missed=False) if reason else run


def _begin(of, begins, run, now, conf, busy):
    end = run.begin_until
    if now > end and run.reason is None and run.missed == due.ONCE:
        # Nobody has tried: whoever was to do so has died.
        end = now + datetime.timedelta(minutes=run.window_minutes)
    reason = paused(now, conf)
    if reason:
        return _skip(of, run, reason)
    if now > end:
        return _skip(of, run, ' '.join(filter(None, (OVER, run.reason))))
    if run.target in busy:
        return _explain(of, run, busy[run.target], end)
    try:
        job = begins(run, conf=conf)
        LOG.info('The %s %s begins job %s', of.noun, run.of_id, job.id)
    except schedule_runs.Gone:
        LOG.debug('Run %s of %s %s is gone', run.id, of.noun, run.of_id)
    except errors.BaasError as error:
        if isinstance(error, errors.TargetBusy):
            busy[run.target] = str(error)
        _explain(of, run, str(error), end)
    except Exception:
        _explain(of, run, FAILED, end)
        raise


def _explain(of, run, reason, end):
    if (reason, end) != (run.reason, run.begin_until):
        schedule_runs.explain(run.id, reason, end, of)


def _skip(of, run, reason):
    if schedule_runs.skip(run.id, reason, of):
        LOG.warning('A run of %s %s is skipped: %s', of.noun, run.of_id,
                    reason)
