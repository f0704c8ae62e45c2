# SPDX-License-Identifier: Apache-2.0
"""How many sets a policy will hold, and how much, before it is used: sets
are taken by a schedule and cleaned up at the end of each day."""
import collections
import dataclasses
import datetime

import cronsim

from baas.retention import periods
from baas.retention import policy as policies

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
    :ivar trash_days: how many days a set takes its room after its clean-up.
    """
    cron: str
    begin: datetime.date
    days: int = 365
    size_bytes: int = 0
    change_bytes: int = 0
    trash_days: int = 0


@dataclasses.dataclass(frozen=True)
class Day:
    """The end of a day, after its clean-up.

    :ivar taken: how many sets were taken on it.
    :ivar removed: how many sets its clean-up removed.
    :ivar sets: how many are there.
    :ivar stored_bytes: what they take, with those in the trash.
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
    held, days, begun = _Held(policy, plan.trash_days), [], 0
    difference = _Difference(plan)
    for number in range(plan.days):
        date = plan.begin + datetime.timedelta(days=number)
        first, before = begun, len(held)
        while begun < len(taken) and taken[begun][0] == date:
            held.take(begun, taken[begun][1])
            begun += 1
        held.end_day()
        days.append(Day(date, begun - first, before + begun - first
                        - len(held), len(held), difference.sum(held)))
    return days, [taken[one][1][0] for one in held.numbers()]


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


class _Held:
    """The sets that are there, by their numbers: each is when some rule holds
    it. What a further set changes is little, and nothing else is looked at.

    :param trash_days: for how many days one takes its room afterwards.
    :ivar gaps: how many neighbours, those in the trash among them, are how
        far apart, by that number.
    """

    def __init__(self, policy, trash_days):
        rules = [max(policy.last, policy.minimum),
                 *(getattr(policy, name) for name in policies.PERIODS[1:])]
        # The newest of its period first: (number, period).
        self._rules = [(number, most, collections.deque())
                       for number, most in enumerate(rules) if most]
        self._within, self._recent = policy.within, collections.deque()
        self._holds, self._older, self._newer = {}, {}, {}
        self._first, self._newest, self._full = None, None, set()
        self._trash_days, self._trash = trash_days, collections.deque([[]])
        self.gaps = collections.Counter()

    def __len__(self):
        return len(self._holds)

    def numbers(self):
        """Give the numbers, the newest first."""
        one = self._newest
        while one is not None:
            if one in self._holds:
                yield one
            one = self._older[one]

    def end_day(self):
        """Let those go for good that have been in the trash long enough."""
        while len(self._trash) > self._trash_days:
            for number in self._trash.popleft():
                older, newer = self._older.pop(number), self._newer.pop(number)
                self._part(number, older)
                self._part(newer, number)
                self._link(older, newer)
        self._trash.append([])

    def take(self, number, keys):
        """Take a set, and let those go that no rule holds any more.

        :param keys: its periods, see :func:`baas.retention.periods.keys`.
        """
        self._link(self._newest, number)
        self._link(number, None)
        self._newest, self._holds[number] = number, 0
        if self._first is None:
            # It is the oldest of all while a rule has some of its number
            # left; afterwards that rule has no more to do with it.
            self._first = number
            self._holds[number] += len(self._rules)
        for position, most, picked in self._rules:
            self._hold(number)
            if picked and picked[0][1] == keys[position]:
                self._release(picked.popleft()[0])
            picked.appendleft((number, keys[position]))
            if len(picked) > most:
                self._release(picked.pop()[0])
            elif len(picked) == most:
                self._release_first(position)
        if self._within:
            self._hold(number)
            self._recent.appendleft((number, keys[0]))
            while self._recent[-1][1] <= keys[0] - self._within:
                self._release(self._recent.pop()[0])

    def _release_first(self, position):
        if position not in self._full:
            self._full.add(position)
            self._release(self._first)

    def _hold(self, number):
        self._holds[number] += 1

    def _release(self, number):
        self._holds[number] -= 1
        if not self._holds[number]:
            del self._holds[number]
            self._trash[-1].append(number)

    def _link(self, older, newer):
        """Have two sets, or none and one, be neighbours."""
        if newer is not None:
            self._older[newer] = older
        if older is not None:
            self._newer[older] = newer
        if None not in (older, newer):
            self.gaps[newer - older] += 1

    def _part(self, newer, older):
        if None not in (older, newer):
            self.gaps[newer - older] -= 1


class _Difference:
    """How many bytes sets take together."""

    def __init__(self, plan):
        self._size = plan.size_bytes
        self._same = 1 - min(
            plan.change_bytes / plan.size_bytes if plan.size_bytes else 0, 1)

    def sum(self, held):
        """Give the bytes of the sets that are held."""
        if not len(held) or not self._size:
            return 0
        return round(self._size * (1 + sum(
            count * (1 - self._same ** gap)
            for gap, count in held.gaps.items())))
