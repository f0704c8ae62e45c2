# SPDX-License-Identifier: Apache-2.0
"""Which sets stand for their hour, day, week, month or year.

The choice is that of ``restic forget``, which people know: the newest set of
each period, from the newest period back, and the oldest set of all while a
rule has some of its number left.
"""
import datetime

from baas.retention import policy as policies


def keys(created_at, zone):
    """Give the periods that a set is in.

    :param created_at: when it was taken (datetime in UTC, without a zone).
    :param zone: time zone in which days begin.
    :returns: tuple, in the order of :data:`baas.retention.policy.PERIODS`;
        that of ``last`` is of no other set.
    """
    local = created_at.replace(tzinfo=datetime.timezone.utc).astimezone(zone)
    day = (local.year, local.month, local.day)
    return (created_at, (*day, local.hour), day,
            tuple(local.isocalendar()[:2]), day[:2], local.year)


def choose(sets, policy):
    """Choose those that the counting rules keep.

    :param sets: what :func:`keys` gives of each, newest first.
    :returns: mapping of the name of each rule to the positions in ``sets``
        that it keeps, in order.
    """
    return {name: _pick(sets, number, getattr(policy, name))
            for number, name in enumerate(policies.PERIODS)}


def _pick(sets, number, most):
    if number == 0:
        return range(min(most, len(sets)))
    picked, before, oldest = [], None, len(sets) - 1
    for position, one in enumerate(sets):
        if len(picked) >= most:
            break
        if one[number] != before or position == oldest:
            before = one[number]
            picked.append(position)
    return picked
