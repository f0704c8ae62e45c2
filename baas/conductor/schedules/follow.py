# SPDX-License-Identifier: Apache-2.0
"""Begins what follows the good runs of schedules, in order."""
from oslo_log import log

from baas.conductor.schedules import scheduler
from baas.db.schedule import followers
from baas.db.schedule import schedules
from baas.db import session
from baas import errors
from baas.jobs import states
from baas.requests import followers as requests

LOG = log.getLogger(__name__)
NOT_GOOD = 'The backup did not end well: its job is {}.'
BEFORE = 'What was to come before did not end well: it is {}.'


def begin_next(conf):
    """Ask for each job whose turn has come; skip what follows nothing good.
    One that cannot be looked at keeps no other from it."""
    for row in followers.waiting():
        try:
            _look(row, conf)
        except Exception as error:
            if session.is_away(error):
                raise
            LOG.exception('What follows a run of schedule %s could not be '
                          'begun', row.schedule_id)


def _look(row, conf):
    if row.run_state not in states.JOB_FINAL:
        return
    if row.run_state != states.DONE:
        return _skip(row, NOT_GOOD.format(row.run_state))
    if row.before_id is not None:
        if row.before == states.WAITING:
            return
        ended = row.before_state or row.before
        if ended not in (*states.JOB_FINAL, states.SKIPPED):
            return
        if ended != states.DONE:
            return _skip(row, BEFORE.format(ended))
    reason = scheduler.paused(schedules.database_time(), conf)
    if reason:
        return followers.explain(row.id, reason)
    _begin(row)


def _begin(row):
    try:
        job = requests.begin(row)
        LOG.info('Job %s, %s, follows job %s of schedule %s', job.id,
                 row.action, row.set_id, row.schedule_id)
    except followers.Gone:
        LOG.debug('Follower %s of schedule %s is gone', row.id,
                  row.schedule_id)
    except errors.TargetBusy as error:
        followers.explain(row.id, str(error))
    except errors.BaasError as error:
        _skip(row, str(error))
    except Exception:
        followers.explain(row.id, scheduler.FAILED)
        raise


def _skip(row, reason):
    if followers.skip(row.id, reason):
        LOG.warning('What was to follow a run of schedule %s, %s, is '
                    'skipped: %s', row.schedule_id, row.action, reason)
