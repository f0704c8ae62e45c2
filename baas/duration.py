# SPDX-License-Identifier: Apache-2.0
"""Durations as people write them, in requests and in the configuration."""
import re

MOST = 24 * 3600
"""Seconds: nobody means a longer one."""
PATTERN = '[0-9]{1,5}([.][0-9]{1,3})?(s|m|h)?'
_UNITS = {None: 1, 's': 1, 'm': 60, 'h': 3600}


def seconds(value):
    """Turn a duration into seconds.

    :param value: a number of seconds, or text such as ``30``, ``1.5s``,
        ``2m`` or ``1h``.
    :returns: float, 0 to :data:`MOST`.
    :raises ValueError: with the reason, a half sentence.
    """
    wrong = ValueError('must be a duration from 0 to 24 hours, such as 30, '
                       '30s or 2m')
    if isinstance(value, str):
        found = re.fullmatch(PATTERN, value, re.ASCII)
        if not found:
            raise wrong
        unit = found.group(2)
        value = float(value.removesuffix(unit or '')) * _UNITS[unit]
    # A bool is an int to Python, not to us.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong
    # What is no number compares false, too.
    if not 0 <= value <= MOST:
        raise wrong
    return float(value)
