# SPDX-License-Identifier: Apache-2.0
"""What is to be done at a look: which run begins, and which are skipped."""
import dataclasses
import datetime
import itertools

from baas.schedules import timing

MISSED = ONCE, SKIP = ('once', 'skip')
"""What becomes of runs of which the window was over before anybody looked:
the newest of them is caught up, or none is."""
LATE = ('It was missed: no conductor looked between {} and the end of its '
        'window.')
OLDER = 'A newer run has come before this one was looked at.'
EVEN_OLDER = ('A newer run has come before this one was looked at, and the '
              'same is true of all from {} on.')


@dataclasses.dataclass(frozen=True)
class Rules:
    """How a schedule behaves.

    :ivar timing: its :class:`baas.schedules.timing.Timing`.
    :ivar jitter: how long after its tick a run begins (timedelta).
    :ivar window: how much later it may still begin (timedelta).
    :ivar missed: one of :data:`MISSED`.
    """
    timing: timing.Timing
    jitter: datetime.timedelta
    window: datetime.timedelta
    missed: str

    @classmethod
    def of(cls, row):
        """Give those of a schedule.

        :param row: its row.
        :raises InvalidArgument: its time zone is not known any more.
        """
        return cls(timing.Timing(row.cron, row.timezone),
                   timing.jitter(row.id, row.jitter_seconds),
                   datetime.timedelta(minutes=row.window_minutes), row.missed)


@dataclasses.dataclass(frozen=True)
class Run:
    """One run that has become due.

    :ivar tick: the tick that it is of, its key (naive datetime, UTC).
    :ivar begin_until: by when it must have begun.
    :ivar reason: why it is skipped; None when it is to begin.
    :ivar missed: True when that is because nobody looked.
    """
    tick: datetime.datetime
    begin_until: datetime.datetime
    reason: str = None
    missed: bool = False


def look(rules, seen, now):
    """Tell what has become due.

    :param seen: up to when somebody has looked (naive datetime, UTC). When
        the clock was set back it is after ``now``, and nothing is due.
    :returns: list of :class:`Run`, oldest first: the newest that is due, and
        before it one that stands for all that are older.
    """
    since, until = seen - rules.jitter, now - rules.jitter
    if until <= since:
        return []
    ticks = rules.timing.newest(since, until)
    if not ticks:
        return []
    return [*(_older(rules, since, tick) for tick in ticks[:-1]),
            _newest(rules, ticks[-1], now)]


def upcoming(rules, now, count):
    """Give when the next runs begin, their jitter included.

    :returns: list of naive datetimes in UTC.
    """
    return [tick + rules.jitter for tick in itertools.islice(
        rules.timing.ticks(now - rules.jitter), count)]


def _older(rules, since, tick):
    first = next(rules.timing.ticks(since))
    return Run(tick, _end(rules, tick), OLDER if first == tick
               else EVEN_OLDER.format(_said(first)), missed=True)


def _newest(rules, tick, now):
    end = _end(rules, tick)
    if now <= end:
        return Run(tick, end)
    if rules.missed == ONCE:
        # Whoever waits for the target has as long as any other run.
        return Run(tick, now + rules.window)
    return Run(tick, end, LATE.format(_said(tick + rules.jitter)),
               missed=True)


def _end(rules, tick):
    return tick + rules.jitter + rules.window


def _said(time):
    return f'{time:%Y-%m-%d %H:%M} UTC'
