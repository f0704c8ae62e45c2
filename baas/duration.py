# SPDX-License-Identifier: Apache-2.0
"""Durations as people write them, in requests and in the configuration."""
import re

MOST = 24 * 3600
"""Seconds: nobody means a longer one."""
_FRACTION = '([.][0-9]{1,3})?'
PATTERN = (
    '('
    '(([0-9]{1,4}|[1-7][0-9]{4}|8[0-5][0-9]{3}|86[0-3][0-9]{2})'
    f'{_FRACTION}|86400([.]0{{1,3}})?)s?|'
    f'(([0-9]{{1,3}}|1[0-3][0-9]{{2}}|14[0-3][0-9]){_FRACTION}'
    '|1440([.]0{1,3})?)m|'
    f'(([01]?[0-9]|2[0-3]){_FRACTION}|24([.]0{{1,3}})?)h'
    ')')
"""What text may be. It holds the bound, too, so that whoever reads it in the
document of the API knows all of the rule."""
REASON = 'must be a duration from 0 to 24 hours, such as 30, 30s or 2m'
_UNITS = {'s': 1, 'm': 60, 'h': 3600}


def seconds(value):
    """Turn a duration into seconds.

    :param value: a number of seconds, or text such as ``30``, ``1.5s``,
        ``2m`` or ``1h``.
    :returns: float, 0 to :data:`MOST`.
    :raises ValueError: with the reason, a half sentence.
    """
    wrong = ValueError(REASON)
    if isinstance(value, str):
        if not re.fullmatch(PATTERN, value):
            raise wrong
        value = float(value.rstrip('smh')) * _UNITS.get(value[-1], 1)
    # A bool is an int to Python, not to us.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong
    # What is no number compares false, too.
    if not 0 <= value <= MOST:
        raise wrong
    return float(value)


DELAY = '(0|[1-9][0-9]{0,4}[smh]|[1-9][0-9]{0,2}[dw])'
"""What text may be that says how long something waits; the largest are years,
so that no time is out of reach of dates."""
DELAY_REASON = ('must be seconds, minutes, hours, days or weeks, such as 30m, '
                '12h, 3d or 2w, or 0; at most 99999s, 99999m, 99999h, 999d '
                'or 999w')
_SECONDS = {'s': 1, 'm': 60, 'h': 3600, 'd': 24 * 3600, 'w': 7 * 24 * 3600}


def delay(text):
    """Turn how long something waits into seconds.

    :param text: such as ``30m``, ``12h``, ``3d`` or ``2w``; ``0`` for not at
        all.
    :returns: int.
    :raises ValueError: with the reason, a half sentence.
    """
    if not re.fullmatch(DELAY, text):
        raise ValueError(DELAY_REASON)
    return 0 if text == '0' else int(text[:-1]) * _SECONDS[text[-1]]
