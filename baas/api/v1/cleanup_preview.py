# SPDX-License-Identifier: Apache-2.0
"""What would become of sets: of those that there are, and of those that a
schedule will take."""
import dataclasses
import math

from oslo_config import cfg
from wsme import types as wsme_types

from baas.api import expose
from baas.api import resource
from baas.api import types
from baas.api.v1.schedules import arguments
from baas.db.schedule import schedules
from baas import duration
from baas import errors
from baas.requests import cleanups as requests
from baas.retention import policy as policies
from baas.retention import rules
from baas.retention import simulation
from baas.schedules import timing

COUNT = types.number(0, policies.MOST)
BYTES = types.number(0, 10 ** 15)
DAYS = types.number(1, simulation.MOST_DAYS)
CODE = types.choice(*rules.KEEP, *rules.REMOVE)
_DAY = 24 * 3600
USUAL = {'keep_daily': 7, 'keep_weekly': 4, 'keep_monthly': 12}
"""The rules where there is no other."""


class Reason(wsme_types.Base):
    """Why a set stays or goes."""
    code = resource.field(CODE, 'Which rule says so; it never changes.')
    text = resource.field(str, 'The same in words.')


class PreviewedSet(wsme_types.Base):
    """A set, and what a clean-up would do with it."""
    id = resource.field(types.uuid, 'Id of the set.')
    creation_date = resource.field(types.timestamp, 'When it was asked for.')
    keep = resource.field(bool, 'Whether it stays.')
    reasons = resource.field([Reason], 'Every reason why.')
    whole = resource.field(
        bool, 'Whether it is good: all of its backups are there and '
              'available.')
    verified = resource.field(bool, 'Whether all of them were read back.')
    protected = resource.field(bool, 'Whether nobody can delete it.')
    expires_at = resource.field(types.timestamp, 'Until when it stays.',
                                null=True)
    in_use = resource.field(bool, 'Whether a job works on it.')
    suspicious = resource.field(bool, 'Whether it looks odd.')
    purge_at = resource.field(
        types.timestamp, 'Until when it is in the trash; null: it is not.',
        null=True)


class Preview(wsme_types.Base):
    """What a clean-up would do now."""
    cleanup_id = resource.field(types.uuid, 'Id of the policy.')
    sets = resource.field([PreviewedSet], 'All sets of its target, newest '
                                          'first.')


class SimulatedDay(wsme_types.Base):
    """The end of a day, after its clean-up."""
    date = resource.field(str, 'The day.')
    taken = resource.field(int, 'How many sets were taken on it.')
    removed = resource.field(int, 'How many sets its clean-up removed.')
    sets = resource.field(int, 'How many sets are there.')
    stored_bytes = resource.field(
        int, 'What they take on the storage, with those in the trash; null: '
             'nobody has said what a set holds.', null=True)


class Simulation(wsme_types.Base):
    """What a policy makes of the sets that a schedule takes."""
    days = resource.field([SimulatedDay], 'Each day.')
    most_sets = resource.field(int, 'The most sets at the end of a day.')
    most_stored_bytes = resource.field(int, 'The most bytes, likewise.',
                                       null=True)
    left = resource.field([types.timestamp], 'When the sets were taken that '
                                             'are there at the end, newest '
                                             'first.')


def shown(row, decisions):
    """Show what would become of sets.

    :param row: row of the policy.
    :param decisions: list of :class:`baas.retention.rules.Decision`.
    :returns: dict, ready for JSON.
    """
    return {'cleanup_id': row.id, 'sets': [{
        'id': one.set.id, 'creation_date': resource.iso(one.set.created_at),
        'keep': one.keep, 'expires_at': resource.iso(one.set.expires_at),
        'purge_at': resource.iso(one.set.purge_at),
        'reasons': [{'code': reason.code, 'text': reason.text}
                    for reason in one.reasons],
        **{name: getattr(one.set, name) for name in (
            'whole', 'verified', 'protected', 'in_use', 'suspicious')},
    } for one in decisions]}


@expose.expose(Simulation, arguments.CRON, types.text(64), DAYS, BYTES,
               BYTES, types.number(1, policies.MOST), types.age, COUNT, COUNT,
               COUNT, COUNT, COUNT, COUNT, route='GET /v1/cleanup/simulation',
               rule='baas:cleanup:preview', since='1.1')
def simulate(cron='0 2 * * *', timezone='UTC', days=365, size_bytes=None,
             change_bytes=None, minimum=1, keep_within=None, keep_last=None,
             keep_hourly=None, keep_daily=None, keep_weekly=None,
             keep_monthly=None, keep_yearly=None):
    """Say day by day how many sets a policy would hold, and what they would
    take; without any rule, one that keeps 7 daily, 4 weekly and 12 monthly
    sets.

    :param cron: When sets are taken, as crontab(5) has it.
    :param timezone: Where hours and days begin, the IANA name of a time zone.
    :param days: How many days, from today.
    :param size_bytes: What a set holds.
    :param change_bytes: What is new in it since the one before, no more than
        it holds.
    :param minimum: How many sets stay whatever the rules say.
    :param keep_within: Keep what is not older than the newest by this, such
        as 30d.
    :param keep_last: Keep the newest sets.
    :param keep_hourly: Keep the newest set of so many hours.
    :param keep_daily: Keep the newest set of so many days.
    :param keep_weekly: Keep the newest set of so many weeks.
    :param keep_monthly: Keep the newest set of so many months.
    :param keep_yearly: Keep the newest set of so many years.
    """
    asked = {'keep_within': keep_within, 'keep_last': keep_last,
             'keep_hourly': keep_hourly, 'keep_daily': keep_daily,
             'keep_weekly': keep_weekly, 'keep_monthly': keep_monthly,
             'keep_yearly': keep_yearly}
    given = resource.given(**asked) or USUAL
    timing.Timing(cron, timezone)
    if (change_bytes or 0) > (size_bytes or 0):
        raise errors.InvalidArgument(
            argument='change_bytes', reason='needs size_bytes, what a set '
            'holds' if size_bytes is None else 'must not be more than a set '
            'holds, size_bytes')
    plan = simulation.Plan(cron, schedules.database_time().date(), days,
                           size_bytes, change_bytes or 0, _days_in_trash())
    return _run(requests.policy({
        'minimum': minimum, 'timezone': timezone,
        **dict.fromkeys(asked, 0), **given}), plan)


def _days_in_trash():
    return math.ceil(duration.delay(cfg.CONF.cleanups.delete_delay) / _DAY)


def _run(policy, plan):
    try:
        days, left = simulation.run(policy, dataclasses.replace(
            plan, size_bytes=plan.size_bytes or 0))
    except simulation.BadCron as error:
        raise errors.InvalidArgument(argument='cron', reason=error)
    known = plan.size_bytes is not None
    return {'days': [{'date': day.date.isoformat(), 'taken': day.taken,
                      'removed': day.removed, 'sets': day.sets,
                      'stored_bytes': day.stored_bytes if known else None}
                     for day in days],
            'most_sets': max(day.sets for day in days),
            'most_stored_bytes': max(day.stored_bytes for day in days)
            if known else None,
            'left': [resource.iso(moment) for moment in left]}
