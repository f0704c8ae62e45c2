# SPDX-License-Identifier: Apache-2.0
"""What can follow the good run of a schedule: each action is one row of a
table, and a word of ``then``."""
import collections.abc
import dataclasses

from baas import context as contexts
from baas.db.retention import cleanups
from baas.db.schedule import followers
from baas import errors
from baas.requests import submit
from baas.requests import verifications


@dataclasses.dataclass(frozen=True)
class Action:
    """One thing that can follow a run.

    :ivar takes_id: whether a word may go on with ``:`` and an id.
    :ivar demand: called with the target and the id, None without one, when a
        schedule is to have the action; raises what is in its way.
    :ivar begin: called with the row of
        :func:`baas.db.schedule.followers.waiting`, the id, and keyword
        arguments for a function of :mod:`baas.requests.submit`; gives the
        row of the job. A refusal other than that the target is busy is for
        good.
    """
    takes_id: bool
    demand: collections.abc.Callable
    begin: collections.abc.Callable


def _demand_policy(target, id):
    if id is None:
        if cleanups.of_target(target) is None:
            raise errors.Conflict(
                reason=f'The {target} has no policy that a clean-up could go '
                       'by',
                remedy='Make one with POST /v1/cleanup first, or leave '
                       '"cleanup" out of "then"')
        return
    try:
        policy = cleanups.get(id)
    except errors.NotFound:
        raise errors.InvalidArgument(argument='then',
                                     reason=f'there is no policy {id}')
    if policy.target != target:
        raise errors.InvalidArgument(
            argument='then', reason=f'policy {id} is of the {policy.target}')


def _clean_up(row, id, **given):
    policy = cleanups.of_target(row.target)
    if id is None and policy is None:
        raise errors.NotFound(noun='cleanup', id=f'of the {row.target}')
    return submit.cleanup(id or policy.id, schedule_id=row.schedule_id,
                          **given)


def _demand_nothing(target, id):
    """All that a verification needs is there after a good run."""


def _verify(row, id, **given):
    return verifications.whole(row.target, schedule_id=row.schedule_id,
                               **given)


ACTIONS = {
    'verify': Action(False, _demand_nothing, _verify),
    'cleanup': Action(True, _demand_policy, _clean_up),
}
"""By the word of ``then``, in the order in which they are told of."""
_UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'
PATTERN = '|'.join(f'{word}(:{_UUID})?' if action.takes_id else word
                   for word, action in ACTIONS.items())
"""What a word of ``then`` looks like, as JSON Schema has it."""


def demand(words, target):
    """Make sure that a schedule can have these actions.

    :param words: list of str, each of :data:`PATTERN`.
    :param target: that of the schedule.
    :raises InvalidArgument: one names what is not there.
    :raises Conflict: there is nothing that one could go by.
    """
    for word in words:
        name, id = _parse(word)
        ACTIONS[name].demand(target, id)


def begin(row):
    """Ask for what follows a run. Whoever changed the schedule last is who
    asks.

    :param row: of :func:`baas.db.schedule.followers.waiting`.
    :returns: the row of the job.
    :raises Gone: it waits no more.
    :raises TargetBusy: another job is at work on the target.
    :raises BaasError: it is refused, for good.
    """
    name, id = _parse(row.action)
    if name not in ACTIONS:
        raise errors.Conflict(
            reason=f'This release knows no action {name}',
            remedy='Have all conductors of the same release')
    return ACTIONS[name].begin(
        row, id, context=contexts.RequestContext(
            user_id=row.user_id, request_id=row.request_id, overwrite=False),
        also=lambda connection, job_id: followers.submitted(
            connection, row.id, job_id))


def _parse(word):
    name, _colon, id = word.partition(':')
    return name, id or None
