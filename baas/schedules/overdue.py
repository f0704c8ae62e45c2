# SPDX-License-Identifier: Apache-2.0
"""By when a schedule must have a good set."""


def deadline(rules, grace, counts_from, good_at=None):
    """Give until when the next good set is awaited: the end of the window of
    the next tick, and the grace after it.

    :param rules: :class:`baas.schedules.due.Rules`.
    :param grace: timedelta.
    :param counts_from: earlier ticks do not count (naive datetime, UTC).
    :param good_at: when the last good set was asked for; None when there is
        none.
    :returns: naive datetime in UTC.
    """
    begun = max(counts_from, good_at or counts_from)
    tick = next(rules.timing.ticks(begun - rules.jitter))
    return tick + rules.jitter + rules.window + grace


def since(known, deadline, now):
    """Tell since when a schedule is overdue.

    A clock that was set back ends nothing: only a later deadline does, which
    a good set or a change of the schedule brings.

    :param known: since when it is known to be; None when it is not.
    :param deadline: see :func:`deadline`.
    :param now: naive datetime in UTC.
    :returns: naive datetime in UTC; None when it is not overdue.
    """
    if known is not None and deadline <= known:
        return known
    return deadline if deadline <= now else None
