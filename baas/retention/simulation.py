# SPDX-License-Identifier: Apache-2.0
"""How many sets a policy will hold, and how much, before it is used: sets
are taken by a schedule and cleaned up at the end of each day."""
import dataclasses
import datetime

import cronsim

from baas.retention import periods

MOST_SETS = 10000
"""So many may be taken in all."""
MOST_DAYS = 731
_WRONG = 'must be five fields as in a crontab, such as "0 2 * * *"'


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is simulated.

    :ivar cron: when sets are taken, as in a crontab, by the clock of the
        zone of the policy.
    :ivar begin: the first day (datetime.date).
    :ivar days: how many days.
    :ivar size_bytes: what a set holds.
    :ivar change_bytes: how much of it is another from one set to the next.
    """
    cron: str
    begin: datetime.date
    days: int = 365
    size_bytes: int = 0
    change_bytes: int = 0


@dataclasses.dataclass(frozen=True)
class Day:
    """The end of a day, after its clean-up.

    :ivar taken: how many sets were taken on it.
    :ivar removed: how many sets its clean-up removed.
    :ivar sets: how many are there.
    :ivar stored_bytes: what they take.
    """
    date: datetime.date
    taken: int
    removed: int
    sets: int
    stored_bytes: int


class BadCron(ValueError):
    """The schedule is none, or takes too many sets."""


def run(policy, plan):
    """Take and clean up day by day.

    Bytes are those of a payload that stores what is new only, where a set
    changes any of the data with the same chance: what two neighbours hold
    that is different depends on how many sets are gone between them.

    :param policy: the :class:`baas.retention.policy.Policy`.
    :param plan: a :class:`Plan`; ``days`` from 1 to :data:`MOST_DAYS`.
    :returns: list of :class:`Day`, and the times of the sets that are there
        at the end (datetime in UTC without a zone, newest first).
    :raises BadCron: see there.
    """
    taken = _taken(plan, policy.zone)
    sets, days, begun = [], [], 0
    bytes_between = _Difference(plan)
    for number in range(plan.days):
        date = plan.begin + datetime.timedelta(days=number)
        new = []
        while begun < len(taken) and taken[begun][0] == date:
            new.append((begun, taken[begun][1]))
            begun += 1
        sets = new[::-1] + sets
        before = len(sets)
        # On a day without a set nothing changes: all rules go by the sets.
        if new:
            sets = _clean(sets, policy)
        days.append(Day(date, len(new), before - len(sets), len(sets),
                        bytes_between.sum([one[0] for one in sets])))
    return days, [one[1][0] for one in sets]


def _taken(plan, zone):
    """List the sets by their times: (local date, keys)."""
    begin = datetime.datetime.combine(plan.begin, datetime.time(), zone)
    end = plan.begin + datetime.timedelta(days=plan.days)
    found = []
    if len(plan.cron.split()) != 5:
        raise BadCron(_WRONG)
    try:
        # The first minute of the first day counts, too.
        for moment in cronsim.CronSim(
                plan.cron, begin - datetime.timedelta(seconds=1)):
            if moment.date() >= end:
                break
            if len(found) == MOST_SETS:
                raise BadCron(f'takes more than {MOST_SETS} sets')
            in_utc = moment.astimezone(datetime.timezone.utc)
            found.append((moment.date(), periods.keys(
                in_utc.replace(tzinfo=None), zone)))
    except cronsim.CronSimError:
        raise BadCron(_WRONG)
    return found


def _clean(sets, policy):
    chosen = periods.choose([one[1] for one in sets], policy)
    stay = set(range(policy.minimum)).union(*chosen.values())
    if policy.within:
        since = sets[0][1][0] - policy.within
        for position, one in enumerate(sets):
            if one[1][0] <= since:
                break
            stay.add(position)
    return [one for position, one in enumerate(sets) if position in stay]


class _Difference:
    """How many bytes sets take together."""

    def __init__(self, plan):
        self._size = plan.size_bytes
        self._same = 1 - min(
            plan.change_bytes / plan.size_bytes if plan.size_bytes else 0, 1)

    def sum(self, numbers):
        """Give the bytes of sets.

        :param numbers: how many were taken before each, the newest first.
        """
        if not numbers or not self._size:
            return 0
        gaps = {}
        for newer, older in zip(numbers, numbers[1:]):
            gaps[newer - older] = gaps.get(newer - older, 0) + 1
        return round(self._size * (1 + sum(
            count * (1 - self._same ** gap) for gap, count in gaps.items())))
