# SPDX-License-Identifier: Apache-2.0
"""Until when a set stays that has a time of its own."""
import datetime
import re

from baas.db import session
from baas import errors
from baas.retention import age


def until(text, argument='expires'):
    """Give the time that a request means.

    :param text: such as ``30d``, from now on, or a time in ISO 8601.
    :param argument: of which name it is.
    :returns: naive datetime in UTC.
    :raises InvalidArgument: there is no such time, or it is over.
    """
    with session.reader() as connection:
        now = session.now(connection)
    if re.fullmatch(age.PATTERN, text):
        return now + age.parse(text)
    try:
        found = datetime.datetime.fromisoformat(text).astimezone(
            datetime.timezone.utc).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise errors.InvalidArgument(argument=argument,
                                     reason='there is no such time')
    if found <= now:
        raise errors.InvalidArgument(argument=argument,
                                     reason='must not be over already')
    return found
