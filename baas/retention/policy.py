# SPDX-License-Identifier: Apache-2.0
"""What a policy is made of."""
import dataclasses
import datetime

PERIODS = ('last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly')
"""The rules that count: the newest sets, or the newest set of each of the
newest periods that have one."""
MOST = 10000
"""How many a rule may keep."""


@dataclasses.dataclass(frozen=True)
class Policy:
    """Which sets of a target stay.

    :ivar minimum: how many good sets stay whatever the rules say, at least
        one; and as many verified ones, where there are.
    :ivar within: sets that are not older than the newest good one by this
        stay (datetime.timedelta); None for no such rule.
    :ivar last: how many of the newest sets stay.
    :ivar hourly: of how many hours the newest set stays; so ``daily``,
        ``weekly`` (from Monday), ``monthly`` and ``yearly``. Periods
        without a set are not counted.
    :ivar zone: time zone in which days begin (datetime.tzinfo).
    :raises ValueError: it would keep nothing, or has a number that cannot
        be.
    """
    minimum: int = 1
    within: datetime.timedelta | None = None
    last: int = 0
    hourly: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0
    yearly: int = 0
    zone: datetime.tzinfo = datetime.timezone.utc

    def __post_init__(self):
        counts = [getattr(self, name) for name in PERIODS]
        if not all(0 <= count <= MOST for count in counts):
            raise ValueError('must keep 0 to 10000')
        if not 1 <= self.minimum <= MOST:
            raise ValueError('must leave at least one set')
        if not any(counts) and not self.within:
            raise ValueError('must keep something')
