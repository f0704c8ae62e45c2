# SPDX-License-Identifier: Apache-2.0
"""Whether two schedules have the same times, however they are written."""
import datetime
import itertools

from baas import errors
from baas.schedules import timing

_YEARS = datetime.timedelta(days=5 * 366)
"""How far changes of the clocks are looked at."""
_AROUND = datetime.timedelta(days=1)
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_same(mine, other, now):
    """Tell whether two schedules mean the same times of the same zone.

    :param mine: :class:`baas.schedules.timing.Timing`; the same for
        ``other``.
    :param now: from when clocks are looked at (naive datetime, UTC).
    """
    if _days(mine.rule) != _days(other.rule) or (
            mine.rule.minutes, mine.rule.hours) != (
                other.rule.minutes, other.rule.hours):
        return False
    changes = mine.changes(now, now + _YEARS)
    if changes != other.changes(now, now + _YEARS):
        return False
    # That counts where clocks are changed, and nowhere else.
    return mine.goes_on == other.goes_on or all(
        _around(mine, change) == _around(other, change)
        for change, _offset in changes[1:])


def _around(one, change):
    # Those that come each minute differ from the first on.
    return list(itertools.takewhile(lambda tick: tick <= change + _AROUND,
                                    one.ticks(change - _AROUND)))


def _days(rule):
    """Give what the three fields of days mean: months, days, weekdays, and
    whether days and weekdays must both fit."""
    weekdays = frozenset(0 if day == 7 else day for day in rule.weekdays)
    months = frozenset(rule.months)
    longest = max(_LONGEST[month - 1] for month in months)
    days = frozenset(day for day in rule.days if day <= longest)
    each_day = days.issuperset(range(1, longest + 1))
    each_weekday = weekdays.issuperset(range(7))
    if each_day and each_weekday or not rule.day_and and (
            each_day or each_weekday):
        return months, None, None, True
    if rule.day_and and each_day:
        return months, None, weekdays, True
    if rule.day_and and each_weekday:
        return months, days, None, True
    return months, days, weekdays, rule.day_and


def first(mine, others, now):
    """Find another schedule with the same times.

    :param mine: columns of a schedule (mapping).
    :param others: rows of other schedules.
    :returns: the row, or None.
    :raises InvalidArgument: there is no such time zone, or no such cron.
    """
    one = timing.Timing(mine['cron'], mine['timezone'])
    for other in others:
        try:
            found = timing.Timing(other.cron, other.timezone)
        except errors.InvalidArgument:
            continue  # an update has taken its time zone away
        if is_same(one, found, now):
            return other
    return None
