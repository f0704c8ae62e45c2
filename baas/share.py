# SPDX-License-Identifier: Apache-2.0
"""Shares of a whole as people write them, in requests and in the
configuration."""
import re

_DIGITS = '[0-9]{0,3}'
PATTERN = (
    '(('
    '100|[1-9][0-9]?([.][0-9]{1,4})?|'
    f'0[.]({_DIGITS}[1-9]{_DIGITS})'
    ')%|1/[1-9][0-9]{0,3})')
"""What text may be. It holds the bounds, too: nothing is no share, and more
than all is none either."""
REASON = 'must be more than 0% and at most 100%, such as 5%, 0.5% or 1/30'


def fraction(text):
    """Turn a share into a number.

    :param text: such as ``5%`` or ``1/30``.
    :returns: float, more than 0 and at most 1.
    :raises ValueError: with the reason, a half sentence.
    """
    if not isinstance(text, str) or not re.fullmatch(PATTERN, text):
        raise ValueError(REASON)
    if text.endswith('%'):
        return float(text[:-1]) / 100
    return 1 / int(text[2:])
