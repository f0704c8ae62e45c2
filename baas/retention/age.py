# SPDX-License-Identifier: Apache-2.0
"""How long something stays, as people write it."""
import datetime
import re

PATTERN = '([1-9][0-9]{0,4}h|[1-9][0-9]{0,3}d|[1-9][0-9]{0,2}w|[1-9][0-9]?y)'
"""What text may be. It holds the bounds, too: no time is out of reach of
dates."""
REASON = 'must be hours, days, weeks or years, such as 12h, 30d, 8w or 1y'
_HOURS = {'h': 1, 'd': 24, 'w': 7 * 24, 'y': 365 * 24}


def parse(text):
    """Give how long it is.

    :param text: such as ``12h``, ``30d``, ``8w`` or ``1y``, which is 365
        days.
    :returns: datetime.timedelta.
    :raises ValueError: with the reason, a half sentence.
    """
    if not re.fullmatch(PATTERN, text):
        raise ValueError(REASON)
    return datetime.timedelta(hours=int(text[:-1]) * _HOURS[text[-1]])
