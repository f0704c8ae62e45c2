# SPDX-License-Identifier: Apache-2.0
"""How a monitor is told of a job: in the manner of healthchecks, by one
address and what is put behind it."""
import datetime
import re
from urllib import parse

START, SUCCESS, FAIL = 'start', 'success', 'fail'
_ENDS = {START: '/start', SUCCESS: '', FAIL: '/fail'}
_NAME = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
_PORT = ('(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|'
         '655[0-2][0-9]|6553[0-5]))?')
PATTERN = (rf'[Hh][Tt][Tt][Pp][Ss]?://({_NAME}([.]{_NAME}){{0,9}}){_PORT}'
           r'(/[!"$-~]*)?')
"""What an address looks like: without user and password, and no fragment."""
MOST_TRIES = 12
"""A monitor that is away for nine hours or so is told no more."""
_FIRST = datetime.timedelta(minutes=1)
_LONGEST = datetime.timedelta(hours=1)
SECONDS = 30
"""How long one try takes at most."""


def address(url, word):
    """Give where a request goes.

    :param url: the address of the monitor.
    :param word: :data:`START`, :data:`SUCCESS` or :data:`FAIL`.
    """
    parts = parse.urlsplit(url)
    return parse.urlunsplit(parts._replace(
        path=parts.path.rstrip('/') + _ENDS[word]))


def host(url):
    """Give the one part of an address that may be shown (str)."""
    found = re.match('https?://([a-z0-9.-]+)', url, re.IGNORECASE)
    return found and found[1]


def is_due(tries, tried_at, now):
    """Tell whether a try may be made.

    :param tries: how many there were (int).
    :param tried_at: when the last one began (naive datetime).
    :param now: by the same clock.
    """
    if not tries or tried_at > now:  # or the clock was set back
        return True
    return now - tried_at >= min(_FIRST * 2 ** (tries - 1), _LONGEST)


def is_at_work(tried_at, now):
    """Tell whether the last try may not have ended yet."""
    return (tried_at is not None and datetime.timedelta(0)
            <= now - tried_at < datetime.timedelta(seconds=SECONDS))
