# SPDX-License-Identifier: Apache-2.0
"""Which sets of one target stay, which go, and every reason for either."""
import dataclasses
import datetime

from baas.retention import periods

KEEP = {
    'suspicious': 'nothing is removed while a set is suspicious: {set}',
    'in_use': 'a job works on it',
    'protected': 'it is protected',
    'unexpired': 'it does not expire before {until}',
    'minimum': 'number {number} of the {most} good sets that always stay',
    'verified': 'number {number} of the {most} verified sets that always '
                'stay',
    'not_replaced': 'it is not whole, and no good set is newer',
    'within': 'within {within} before the newest set',
    'last': 'number {number} of the {most} newest sets',
    'hourly': '{oldest}hour {number} of {most}',
    'daily': '{oldest}day {number} of {most}',
    'weekly': '{oldest}week {number} of {most}',
    'monthly': '{oldest}month {number} of {most}',
    'yearly': '{oldest}year {number} of {most}',
}
"""Why a set stays: sentences by code."""
REMOVE = {
    'trashed': 'it is in the trash until {until}',
    'expired': 'it expired at {until}',
    'replaced': 'it is not whole, and a good set is newer',
    'no_rule': 'no rule keeps it',
}
"""Why a set goes."""
_NAMED = 3
"""So many suspicious sets are named, the newest."""


@dataclasses.dataclass(frozen=True)
class Set:
    """A set as the rules see it. Times are in UTC, without a zone.

    :ivar whole: True when it has a backup of each node that it was taken of,
        and all are available. Only such a set is good.
    :ivar verified: True when all its backups have been read again.
    :ivar expires_at: it stays until then and is no matter of the counting
        rules; None when it has no such time.
    :ivar in_use: True while a job makes, restores or deletes it.
    :ivar suspicious: True when its figures are far from what is usual.
    :ivar purge_at: until when all of it is in the trash; None for a set that
        is not. What is in the trash is no matter of the rules.
    """
    id: str
    created_at: datetime.datetime
    whole: bool = True
    verified: bool = False
    protected: bool = False
    expires_at: datetime.datetime | None = None
    in_use: bool = False
    suspicious: bool = False
    purge_at: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True)
class Reason:
    """Why a set stays or goes.

    :ivar code: a key of :data:`KEEP` or :data:`REMOVE`.
    :ivar text: the same in words.
    """
    code: str
    text: str


_NO_RULE, _REPLACED = (Reason(code, REMOVE[code])
                       for code in ('no_rule', 'replaced'))


@dataclasses.dataclass(frozen=True)
class Decision:
    """What becomes of a set.

    :ivar keep: True when it stays.
    :ivar reasons: all :class:`Reason` for it, never none.
    """
    set: Set
    keep: bool
    reasons: tuple


def decide(sets, policy, now):
    """Tell of each set whether it stays, and why.

    :param sets: all :class:`Set` of one target, in any order.
    :param policy: the :class:`baas.retention.policy.Policy`.
    :param now: the time (datetime in UTC, without a zone).
    :returns: list of :class:`Decision`, newest first.
    """
    every = sorted(sets, key=lambda one: (one.created_at, one.id),
                   reverse=True)
    newest = [one for one in every if one.purge_at is None]
    reasons = {one.id: [] for one in every}
    for found in (_untouchable(newest, now), _floor(newest, policy),
                  _unreplaced(newest), _within(newest, policy, now),
                  _counted(newest, policy)):
        for one, code, values in found:
            reasons[one.id].append(
                Reason(code, KEEP[code].format(**values)))
    return [Decision(one, bool(reasons[one.id]), tuple(
        reasons[one.id] or [_gone(one)])) for one in every]


def _untouchable(newest, now):
    suspicious = [one.id for one in newest if one.suspicious]
    # It is said of each set: all names would be their square.
    named = ', '.join(suspicious[:_NAMED]) + (
        f' and {len(suspicious) - _NAMED} more'
        if len(suspicious) > _NAMED else '')
    for one in newest:
        if suspicious:
            yield one, 'suspicious', {'set': named}
        if one.in_use:
            yield one, 'in_use', {}
        if one.protected:
            yield one, 'protected', {}
        if one.expires_at is not None and one.expires_at > now:
            yield one, 'unexpired', {'until': _time(one.expires_at)}


def _floor(newest, policy):
    good = [one for one in newest if one.whole]
    for code, some in (('minimum', good),
                       ('verified', [one for one in good if one.verified])):
        for number, one in enumerate(some[:policy.minimum], 1):
            yield one, code, {'number': number, 'most': policy.minimum}


def _unreplaced(newest):
    for one in newest:
        if one.whole:
            return
        yield one, 'not_replaced', {}


def _within(newest, policy, now):
    good = [one.created_at for one in newest if _counts(one)]
    if not policy.within or not good:
        return
    # A set of the future, by a clock that was wrong, makes no other old.
    past = [moment for moment in good if moment <= now]
    since = (past or good)[0] - policy.within
    for one in newest:
        if one.expires_at is None and one.created_at > since:
            yield one, 'within', {'within': policy.within}


def _counted(newest, policy):
    counted = [one for one in newest if _counts(one)]
    keys = [periods.keys(one.created_at, policy.zone) for one in counted]
    chosen = periods.choose(keys, policy)
    for rule, (code, positions) in enumerate(chosen.items()):
        for number, position in enumerate(positions, 1):
            # Of a period that has one already: it is kept for being the last.
            again = 0 < position == len(keys) - 1 and (
                keys[position][rule] == keys[position - 1][rule])
            yield counted[position], code, {
                'number': number, 'most': getattr(policy, code),
                'oldest': 'the oldest, ' if again else ''}


def _counts(one):
    # One that has a time of its own would leave a gap when that has come.
    return one.whole and one.expires_at is None


def _gone(one):
    if one.purge_at is not None:
        return Reason('trashed', REMOVE['trashed'].format(
            until=_time(one.purge_at)))
    if one.expires_at is not None:
        return Reason('expired', REMOVE['expired'].format(
            until=_time(one.expires_at)))
    return _NO_RULE if one.whole else _REPLACED


def _time(moment):
    return moment.isoformat(timespec='seconds') + 'Z'
