# SPDX-License-Identifier: Apache-2.0
"""Notices schedules without the good set that they should have."""
import datetime

from oslo_log import log

from baas.db.schedule import overdue as table
from baas.db.schedule import schedules
from baas.db import session
from baas.schedules import due
from baas.schedules import overdue

LOG = log.getLogger(__name__)


def look(clock=schedules.database_time):
    """Compare each enabled schedule with its last good set. Whoever sees a
    change first writes it down, and is the one that tells of it.

    :param clock: gives the time, the same for all conductors (naive
        datetime, UTC).
    """
    rows = schedules.enabled()
    good = table.last_good([row.id for row in rows])
    for row in rows:
        try:
            _look(row, good.get(row.id), clock())
        except Exception as error:
            if session.is_away(error):
                raise
            LOG.exception('Whether schedule %s is overdue cannot be told',
                          row.id)


def _look(row, good_at, now):
    deadline = overdue.deadline(
        due.Rules.of(row), datetime.timedelta(minutes=row.grace_minutes),
        row.counts_from or row.created_at, good_at)
    since = overdue.since(row.overdue_since, deadline, now)
    if since == row.overdue_since or not table.mark(row, since):
        return
    if since is None:
        LOG.info('Schedule %s has a good set again', row.id)
        return
    LOG.warning('Schedule %s of the %s is overdue: it should have had a good '
                'set by %s UTC; the last one is %s', row.id, row.target,
                f'{since:%F %T}',
                f'of {good_at:%F %T} UTC' if good_at else 'not known')
