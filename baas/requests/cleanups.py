# SPDX-License-Identifier: Apache-2.0
"""What a policy means for the sets that there are."""
import zoneinfo

from baas.db.retention import sets
from baas import errors
from baas.retention import age
from baas.retention import policy as policies
from baas.retention import rules
from baas.schedules import timing

_MIDNIGHT = '0 0 * * *'


class KeepsNothing(errors.InvalidArgument):
    """A policy has no rule: 400."""
    message = 'The policy would keep no set but the minimum.'
    hint = ('Give at least one of keep_within, '
            + ', '.join(f'keep_{name}' for name in policies.PERIODS)
            + ', and more than 0.')


def policy(fields):
    """Make the policy of the rules.

    :param fields: ``minimum``, ``keep_within`` and the like, and
        ``timezone``, as columns of
        :class:`baas.db.retention.models.Cleanup` (mapping).
    :returns: :class:`baas.retention.policy.Policy`.
    :raises InvalidArgument: it would keep nothing, or there is no such time
        zone.
    """
    timing.Timing(_MIDNIGHT, fields['timezone'])
    within = fields['keep_within']
    counts = {name: fields[f'keep_{name}'] for name in policies.PERIODS}
    if not any(counts.values()) and within in (None, 0, '0'):
        raise KeepsNothing()
    return policies.Policy(
        minimum=fields['minimum'],
        within=None if within in (None, 0, '0') else age.parse(within),
        zone=zoneinfo.ZoneInfo(fields['timezone']), **counts)


def decide(row, job=None):
    """Tell what would become of each set of the target of a policy.

    :param row: row of the policy.
    :param job: id of the clean-up that asks; None for a preview.
    :returns: list of :class:`baas.retention.rules.Decision`, newest first.
    """
    found, now = sets.of_target(row.target, job)
    return rules.decide(found, policy(row._mapping), now)
