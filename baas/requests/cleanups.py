# SPDX-License-Identifier: Apache-2.0
"""What a policy means for the sets that there are."""
import zoneinfo

from baas.db.retention import sets
from baas.retention import age
from baas.retention import policy as policies
from baas.retention import rules


def policy(fields):
    """Make the policy of the rules.

    :param fields: ``minimum``, ``keep_within`` and the like, and
        ``timezone``, as columns of :class:`baas.db.models.Cleanup` (mapping).
    :returns: :class:`baas.retention.policy.Policy`.
    :raises ValueError: it would keep nothing.
    """
    within = fields['keep_within']
    return policies.Policy(
        minimum=fields['minimum'], within=within and age.parse(within),
        zone=zoneinfo.ZoneInfo(fields['timezone']),
        **{name: fields[f'keep_{name}'] for name in policies.PERIODS})


def decide(row, job=None):
    """Tell what would become of each set of the target of a policy.

    :param row: row of the policy.
    :param job: id of the clean-up that asks; None for a preview.
    :returns: list of :class:`baas.retention.rules.Decision`, newest first.
    """
    found, now = sets.of_target(row.target, job)
    return rules.decide(found, policy(row._mapping), now)
