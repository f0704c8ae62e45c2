# SPDX-License-Identifier: Apache-2.0
"""How long something stays, as people write it."""
import datetime
import re

_DIGITS = {'h': 5, 'd': 4, 'w': 3, 'y': 2}
PATTERN = '(%s)' % '|'.join(
    f'[1-9][0-9]{{0,{most - 1}}}{unit}' for unit, most in _DIGITS.items())
"""What text may be. It holds the bounds, too: no time is out of reach of
dates."""
REASON = ('must be whole hours, days, weeks or years, and no minutes: '
          + ', '.join(f'1{unit} to {"9" * most}{unit}'
                      for unit, most in _DIGITS.items()))
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
