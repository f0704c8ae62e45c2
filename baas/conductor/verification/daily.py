# SPDX-License-Identifier: Apache-2.0
"""The share of each day: all that is stored is read back once in a period.

A day is written in the transaction that writes its job, under a key that the
database keeps unique: however many conductors look, it has one job.
"""
from oslo_config import cfg
from oslo_log import log

from baas.db import session
from baas.db.verification import verdicts
from baas import errors
from baas.jobs import choices
from baas.requests import verifications

LOG = log.getLogger(__name__)


def begin_due(conf=cfg.CONF, today=verdicts.today):
    """Ask for the verification of the day, of each target that has none yet;
    one whose storage is being cleaned up waits for the next look.

    :param today: gives day and hour, the same for all conductors; called with
        a connection.
    """
    if not conf.verification.period:
        return
    for target in choices.TARGETS:
        with session.reader() as connection:
            day, hour = today(connection)
            if hour < conf.verification.hour or verdicts.has_day(
                    connection, target, day):
                continue
        try:
            _begin(target, day, conf)
        except (verdicts.Taken, errors.TargetBusy) as error:
            LOG.debug('The verification of the %s waits: %s', target, error)
        except Exception as error:
            if session.is_away(error):
                raise
            LOG.exception('The verification of the %s was not begun', target)


def _begin(target, day, conf):
    if not verdicts.nodes_of(target):
        return
    job = verifications.daily(
        target, 1 / conf.verification.period,
        also=lambda connection, job_id: verdicts.begin_day(
            connection, target, day, job_id))
    LOG.info('Job %s verifies the share of %s of the %s', job.id, day, target)
