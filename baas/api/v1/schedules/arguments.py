# SPDX-License-Identifier: Apache-2.0
"""Types of arguments that schedules alone have."""
from baas.api import types
from baas.requests import followers
from baas.schedules import pings

_LONGEST = 1024


class _PingUrl(types.text):
    """The address of a monitor. It is a secret: no error repeats it."""
    name = 'ping_url'

    def __init__(self):
        self.schema = {'type': 'string', 'maxLength': _LONGEST,
                       'pattern': f'^({pings.PATTERN})?$'}
        self.reason = (f'must be an address of at most {_LONGEST} '
                       'characters, such as https://monitor/ID, with '
                       'http or https, a name or an IPv4 address, and '
                       'without user, password and fragment; or empty for '
                       'none')

    def convert(self, value):
        """See :class:`baas.api.types.text`."""
        return value or None


class _Then(types.text):
    """What follows a run, in order."""
    name = 'then'

    def __init__(self):
        self.schema = {
            'type': 'array', 'maxItems': 8, 'uniqueItems': True,
            'items': {'type': 'string', 'pattern': f'^({followers.PATTERN})$'}}
        self.reason = (f'must be a list of at most 8 different words of '
                       f'{", ".join(followers.ACTIONS)}, or with an id, such '
                       'as cleanup:0c9d1f3e-5a1b-4a52-9d0e-0f3b7a3f6d21')

    def convert(self, value):
        """See :class:`baas.api.types.text`."""
        return value or None


class _Cron(types.text):
    """Fields with spaces or tabs between them, as in a crontab."""
    name = 'cron'
    _form = types.text._form.replace('\\x1f', '\\x08\\x0a-\\x1f', 1)

    def __init__(self):
        super().__init__(100)
        self.reason += ' but tabs'

    def convert(self, value):
        """See :class:`baas.api.types.text`."""
        return value.replace('\t', ' ')


CRON, PING_URL, THEN = _Cron(), _PingUrl(), _Then()
GRACE = types.amount(0, 7 * 24 * 60)
RUN_ID = types.number(least=1)
