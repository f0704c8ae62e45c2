# SPDX-License-Identifier: Apache-2.0
"""When the runs of a schedule come: cron in a time zone, and what must fit.

A *tick* is a time that the cron expression names. A run begins its jitter
after its tick, which is the same for all runs of a schedule.
"""
import datetime
import functools
import hashlib
import itertools
import zoneinfo

import cronsim

from baas import errors
from baas.schedules import expressions

UTC = datetime.timezone.utc
_ODD = frozenset({'Factory', 'localtime'})
"""Names that say something else on each machine."""
_SECOND, _DAY = datetime.timedelta(seconds=1), datetime.timedelta(days=1)
_SOON = datetime.timedelta(hours=3)
"""More than clocks are ever changed by."""
_FAR = datetime.timedelta(days=9 * 366)
"""How far it is looked for the shortest time between two ticks."""
_START = datetime.datetime(2023, 1, 1, tzinfo=UTC)
_MANY = 400
_WINDOW = 60


class Timing:
    """Cron expression and time zone.

    :param cron: five fields, as crontab(5) has them.
    :param timezone: IANA name of a time zone, such as ``Europe/Berlin``.
    :raises InvalidArgument: names ``cron`` or ``timezone``, and why.
    """

    def __init__(self, cron, timezone):
        self._zone = _zone(timezone)
        self._cron = cron
        self.rule = rule = _parse(cron)
        """Its fields (:class:`cronsim.CronSim`)."""
        self.goes_on = _has_star(rule)
        """Whether clocks that are changed leave out no tick and bring none
        twice (bool)."""
        self.key = _key(rule)
        """The same for expressions that mean the same (str)."""

    def ticks(self, after):
        """Give all ticks after a time, in order.

        A tick that the change to summer time leaves out comes right after
        the hour that is missing; one that the change back would bring twice
        comes once, unless it is one of each hour or of each few minutes.

        :param after: naive datetime in UTC; so are the ticks.
        """
        last = after
        for tick in (self._going_on(after) if self.goes_on
                     else self._of_days(after)):
            if tick > last:
                last = tick
                yield tick

    def _of_days(self, after):
        # Begun within an hour that comes twice it would show the first of
        # them again: so there may be some that are not after.
        early = (after - _SOON).replace(tzinfo=UTC).astimezone(self._zone)
        for found in cronsim.CronSim(self._cron, early):
            yield found.astimezone(UTC).replace(tzinfo=None)

    def _going_on(self, after):
        # cronsim goes on by whole hours, and would lose the first half of
        # one where clocks are changed by half an hour. So each stretch of
        # time between two changes is one of its own, without a zone.
        at = after.replace(microsecond=0)
        while True:
            offset = self._offset(at)
            for found in cronsim.CronSim(self._cron, at + offset - _SECOND):
                change = self._change(at, found - offset, offset)
                if change:
                    at = change
                    break
                at = found - offset
                yield at

    def _change(self, early, late, offset):
        """Find when clocks are changed from an offset; None: not till then."""
        while early < late:
            day = min(early + _DAY, late)
            if self._offset(day) != offset:
                while day - early > _SECOND:
                    between = (early + (day - early) / 2).replace(
                        microsecond=0)
                    if self._offset(between) != offset:
                        day = between
                    else:
                        early = between
                return day
            early = day
        return None

    def changes(self, begin, end):
        """Give which offset its zone has at a time, and when that changes.

        :param begin: naive datetime in UTC; so are the times.
        :returns: list of (time, offset), the first of which is ``begin``.
        """
        found = [(begin, self._offset(begin))]
        while (change := self._change(*found[-1][:1], end, found[-1][1])):
            found.append((change, self._offset(change)))
        return found

    def _offset(self, time):
        return time.replace(tzinfo=UTC).astimezone(self._zone).utcoffset()

    def newest(self, after, until):
        """Give the last two ticks that are after one time and not after
        another: few are looked at, however many there were.

        :returns: list of at most two, oldest first.
        """
        for days in (1 / 24, 1, 8, 32, 367, 9 * 367):
            start = until - datetime.timedelta(days=days)
            start = max(after, start)
            found = list(self._between(start, until))
            if len(found) > 1 or start == after:
                return found[-2:]
        return list(self._between(after, until))[-2:]

    def _between(self, after, until):
        return itertools.takewhile(lambda tick: tick <= until,
                                   self.ticks(after))

    def shortest(self):
        """Give the shortest time between two ticks (timedelta), whatever
        day it is and with no change of the clocks."""
        ticks = list(itertools.islice(itertools.takewhile(
            lambda tick: tick < _START + _FAR,
            cronsim.CronSim(self._cron, _START)), _MANY))
        return min((later - earlier for earlier, later
                    in itertools.pairwise(ticks)), default=_FAR)


def demand(timing, window_minutes, jitter_seconds):
    """Make sure that neither a run's window nor its jitter reaches beyond
    the next tick.

    :param timing: the :class:`Timing`.
    :raises InvalidArgument: names the one that does.
    """
    shortest = timing.shortest()
    for name, length in (
            ('window_minutes', datetime.timedelta(minutes=window_minutes)),
            ('jitter_seconds', datetime.timedelta(seconds=jitter_seconds))):
        if length > shortest:
            raise errors.InvalidArgument(
                argument=name,
                reason=f'must not be longer than the {_said(shortest)} that '
                       f'can lie between two runs')


def window(timing):
    """Give the window of a schedule whose request names none: minutes, an
    hour at most.

    :param timing: the :class:`Timing`.
    """
    return min(_WINDOW, int(timing.shortest().total_seconds() // 60))


def jitter(id, most):
    """Give how long after its ticks the runs of a schedule begin.

    :param id: id of the schedule (str); the same id gives the same time.
    :param most: seconds (int).
    :returns: timedelta of 0 to ``most`` seconds.
    """
    digest = hashlib.sha256(id.encode()).digest()
    return datetime.timedelta(
        seconds=int.from_bytes(digest[:8], 'big') % (most + 1))


def _said(length):
    seconds = int(length.total_seconds())
    return f'{seconds // 60} minutes' if seconds > 60 else 'minute'


def _parse(cron):
    try:
        return expressions.parse(cron)
    except ValueError as error:
        raise errors.InvalidArgument(argument='cron',
                                     reason=error) from error


def _key(rule):
    """Two expressions that are written differently can mean the same."""
    days = {0 if day == 7 else day for day in rule.weekdays}
    fields = [sorted(map(str, field)) for field in (
        rule.minutes, rule.hours, rule.days, rule.months, days)]
    # Stars count: in how days go together, and when the clocks change.
    return hashlib.sha256(
        repr((fields, rule.day_and, _has_star(rule))).encode()).hexdigest()


def _has_star(rule):
    """Tell whether its minute or its hour begins with a star."""
    return any(part.startswith('*') for part in rule.parts[1:3])


@functools.cache
def _names():
    return zoneinfo.available_timezones() - _ODD


def _zone(name):
    if name not in _names():
        raise errors.InvalidArgument(
            argument='timezone',
            reason='must be the name of a time zone, such as Europe/Berlin '
                   'or UTC')
    return zoneinfo.ZoneInfo(name)
