# SPDX-License-Identifier: Apache-2.0
"""Whether runs of two schedules may want to begin at the same time."""
import datetime

_FAR = datetime.timedelta(days=400)
"""How far it is looked: a year, with each change of the clocks."""
_MOST = 500
"""How many runs of the rarer one are looked at."""
_MOMENT = datetime.timedelta(microseconds=1)


def first(mine, other, now):
    """Find the first two runs whose windows overlap.

    :param mine: :class:`baas.schedules.due.Rules`; the same for ``other``.
    :param now: from when it is looked (naive datetime, UTC).
    :returns: when the two runs begin, jitter included (naive datetimes in
        UTC, mine first), or None when none do for more than a year, or as
        far as it is looked with schedules that both come often.
    """
    at = now
    for _turn in range(_MOST):
        mine_at, other_at = _next(mine, at), _next(other, at)
        if (mine_at is None or other_at is None
                or min(mine_at, other_at) > now + _FAR):
            return None
        if (mine_at < other_at + other.window
                and other_at < mine_at + mine.window):
            return mine_at, other_at
        # The earlier one is over before the later one begins: from here on
        # only what reaches to the later one can overlap with it.
        at = (max(at + _MOMENT, other_at - mine.window)
              if mine_at < other_at
              else max(at + _MOMENT, mine_at - other.window))
    return None


def _next(rules, at):
    """Give when the first run begins that does not begin before a time."""
    tick = next(rules.timing.ticks(at - rules.jitter - _MOMENT), None)
    return None if tick is None else tick + rules.jitter
