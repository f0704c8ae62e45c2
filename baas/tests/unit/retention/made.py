# SPDX-License-Identifier: Apache-2.0
"""Sets and policies, made up."""
import datetime
import zoneinfo

import hypothesis
from hypothesis import strategies

from baas.retention import policy as policies
from baas.retention import rules

NOW = datetime.datetime(2026, 6, 15, 12)
SETTINGS = hypothesis.settings(
    max_examples=80, deadline=None, database=None, derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck))
BERLIN = zoneinfo.ZoneInfo('Europe/Berlin')


def times(days=800):
    """Make times that often share an hour, a day or a month."""
    return strategies.one_of(
        strategies.integers(0, days * 24 * 60),
        strategies.integers(0, days).map(lambda day: day * 24 * 60),
        strategies.integers(0, 50)).map(
            lambda ago: NOW - datetime.timedelta(minutes=ago))


def one_set(**fixed):
    """Make a set of any kind.

    :param fixed: strategies of some of its fields.
    """
    fields = {
        'id': strategies.uuids().map(str), 'created_at': times(),
        'expires_at': strategies.none() | times().map(
            lambda moment: NOW + (NOW - moment) / 2) | times(),
        **{name: strategies.integers(0, 4).map(lambda number: not number)
           for name in ('verified', 'protected', 'in_use')},
        'whole': strategies.integers(0, 3).map(bool), **fixed}
    return strategies.builds(rules.Set, **fields)


def sets(most=25, **fixed):
    """Make the sets of a target; none is suspicious unless that is said."""
    return strategies.lists(one_set(**fixed), max_size=most,
                            unique_by=lambda one: one.id)


COUNTS = {name: strategies.integers(0, 5) for name in policies.PERIODS}
WITHIN = strategies.none() | strategies.integers(1, 24 * 400).map(
    lambda hours: datetime.timedelta(hours=hours))


def keeps(values):
    """Tell whether a policy may have these values."""
    return bool(values['within']) or any(
        values[name] for name in policies.PERIODS)


FIELDS = strategies.fixed_dictionaries({
    'minimum': strategies.integers(1, 4), 'within': WITHIN, **COUNTS,
    'zone': strategies.sampled_from([datetime.timezone.utc, BERLIN]),
}).filter(keeps)
POLICIES = FIELDS.map(lambda fields: policies.Policy(**fields))
