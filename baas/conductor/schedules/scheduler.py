# SPDX-License-Identifier: Apache-2.0
"""Looks for runs that are due, and asks for their backups.

A run is written down first, by a key that the database keeps unique, and its
job in the same transaction that marks it as submitted: a conductor may die
between any two lines, and any other goes on.
"""
import dataclasses
import datetime

from oslo_config import cfg
from oslo_log import log

from baas.db.schedule import schedule_runs
from baas.db.schedule import schedules
from baas.db import session
from baas import errors
from baas.requests import schedules as requests
from baas.schedules import due

LOG = log.getLogger(__name__)
PAUSED = 'Schedules are paused: [schedules] paused is set.'
OVER = 'It could not begin within its window.'
FAILED = 'The service failed; the log of the conductor has more.'


def begin_due(conf=cfg.CONF, clock=schedules.database_time):
    """Write down what has become due, and begin what waits. A schedule that
    cannot be looked at keeps no other from it.

    :param clock: gives the time, the same for all conductors (naive
        datetime, UTC).
    """
    for row in schedules.enabled():
        _apart(row.id, _look, row, clock(), conf)
    for run in schedule_runs.waiting():
        _apart(run.schedule_id, _begin, run, clock(), conf)


def _apart(schedule_id, act, *given):
    try:
        act(*given)
    except Exception as error:
        if session.is_away(error):
            raise
        LOG.exception('Schedule %s could not be attended to', schedule_id)


def _look(row, now, conf):
    runs = due.look(due.Rules.of(row), min(row.seen_at, now), now)
    if conf.schedules.paused:
        runs = [dataclasses.replace(run, reason=PAUSED) for run in runs]
    # A clock that was set back must not keep a schedule silent until then.
    if not runs and row.seen_at <= now:
        return
    if schedule_runs.record(row, runs, now):
        for run in runs:
            if run.reason:
                LOG.warning('The run of schedule %s at %s is skipped: %s',
                            row.id, f'{run.tick:%F %T} UTC', run.reason)


def _begin(run, now, conf):
    end = run.begin_until
    if now > end and run.reason is None and run.missed == due.ONCE:
        # Nobody has tried: whoever was to do so has died.
        end = now + datetime.timedelta(minutes=run.window_minutes)
    if conf.schedules.paused:
        return _skip(run, PAUSED)
    if now > end:
        return _skip(run, ' '.join(filter(None, (OVER, run.reason))))
    try:
        job = requests.begin(run, conf=conf)
        LOG.info('Schedule %s begins job %s', run.schedule_id, job.id)
    except schedule_runs.Gone:
        LOG.debug('Run %s of schedule %s is gone', run.id, run.schedule_id)
    except errors.BaasError as error:
        schedule_runs.explain(run.id, str(error), end)
    except Exception:
        schedule_runs.explain(run.id, FAILED, end)
        raise


def _skip(run, reason):
    if schedule_runs.skip(run.id, reason):
        LOG.warning('A run of schedule %s is skipped: %s', run.schedule_id,
                    reason)
