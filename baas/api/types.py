# SPDX-License-Identifier: Apache-2.0
"""Types of arguments and fields: JSON Schema is what checks and what the
document of the API shows.

WSME does not check ``bool`` and ``Enum`` in URL arguments: ``stopall=no``
would read true. So these types do, in ``frombasetype``.
"""
import functools
import re

import jsonschema
from jsonschema import validators
from wsme import types

from baas import duration as durations
from baas.retention import age as ages


def _pattern(validator, pattern, value, _schema):
    # Python's $ lets a line end pass, that of JSON Schema does not.
    if validator.is_type(value, 'string') and not re.search(
            re.sub(r'\$$', r'\\Z', pattern), value):
        yield jsonschema.ValidationError('does not match')


Schema = validators.extend(jsonschema.Draft202012Validator,
                           {'pattern': _pattern})
"""JSON Schema as this service takes it, where a pattern is one of the whole
text."""


class Checked(types.UserType):
    """A type whose schema is the rule: what it allows is taken, and nothing
    else; the code only turns it into a value.

    :ivar schema: JSON Schema of a value as it travels (dict).
    :ivar reason: what is said of another value, a half sentence.
    """
    basetype = str
    schema = {'type': 'string'}
    reason = 'must be text'

    @functools.cached_property
    def _rule(self):
        return Schema(self.schema)

    def frombasetype(self, value):
        """See :class:`wsme.types.UserType`.

        :raises ValueError: with the reason.
        """
        value = self.read(value)
        if not self._rule.is_valid(value):
            raise ValueError(self.why(value))
        return self.convert(value)

    def read(self, value):
        """Turn the text of an argument into what the schema is of."""
        return value

    def convert(self, value):
        """Turn what the schema allows into what the service works with."""
        return value

    def why(self, value):
        """Give what is said of a value that the schema does not allow."""
        return self.reason


class _Flag(Checked):
    name = 'flag'
    schema = {'type': 'string', 'enum': ['no', 'yes', 'false', 'true']}
    reason = 'must be yes, no, true or false'

    def convert(self, value):
        """See :class:`Checked`."""
        return value in ('yes', 'true')


class choice(Checked):
    """One of a few words."""
    name = 'choice'

    def __init__(self, *values):
        self.values = values
        self.schema = {'type': 'string', 'enum': list(values)}
        self.reason = f'must be one of {", ".join(values)}'


class words(choice):
    """Some of a few words, with commas between them."""
    name = 'words'

    def __init__(self, *values):
        super().__init__(*values)
        word = f'({"|".join(values)})'
        self.schema = {'type': 'string', 'pattern': f'^{word}(,{word})*$'}

    def convert(self, value):
        """See :class:`Checked`."""
        return sorted(set(value.split(',')))


class _Uuid(Checked):
    name = 'uuid'
    schema = {'type': 'string', 'format': 'uuid', 'pattern':
              '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'}
    reason = 'must be a UUID, such as 0c9d1f3e-5a1b-4a52-9d0e-0f3b7a3f6d21'

    def convert(self, value):
        """See :class:`Checked`."""
        return value.lower()


class text(Checked):
    """Text of a limited length that shows as it is: not of blanks alone,
    without control characters, invisible ones, those that turn the direction,
    and halves of characters."""
    name = 'text'
    _form = ('^(?!\\s*$)[^\\x00-\\x1f\\x7f-\\x9f\\xad\\u200b-\\u200f'
             '\\u2028-\\u202e\\u2060-\\u206f\\ud800-\\udfff\\ufeff'
             '\\ufff0-\\uffff]*$')

    def __init__(self, longest=255):
        self.schema = {'type': 'string', 'minLength': 1,
                       'maxLength': longest, 'pattern': self._form}
        self.reason = (f'must be text of 1 to {longest} characters, not of '
                       'blanks alone, without control characters and '
                       'invisible ones')


class amount(Checked):
    """A whole number within bounds. Only in bodies; in a URL it is a
    number."""
    name = 'amount'

    def __init__(self, least=0, most=2 ** 31 - 1):
        self.schema = {'type': 'integer', 'minimum': least, 'maximum': most}
        self.reason = f'must be a whole number from {least} to {most}'

    def convert(self, value):
        """See :class:`Checked`."""
        return int(value)  # 1.0 is one, too


class number(amount):
    """A whole number within bounds."""
    name = 'number'

    def read(self, value):
        """See :class:`Checked`."""
        # Neither sign nor digits of other scripts, which int() would take.
        return int(value) if re.fullmatch('[0-9]{1,16}', value) else value


class sort(Checked):
    """Keys to sort by: ``key:dir,key``, where dir is asc, as without, or
    desc. Of a key that is there twice the first counts, as in SQL.

    :param keys: names that may be sorted by, each mapped to its column.
    """
    name = 'sort'

    def __init__(self, **keys):
        self.keys = keys
        key = f'({"|".join(keys)})(:(asc|desc))?'
        self.schema = {'type': 'string', 'pattern': f'^{key}(,{key})*$'}
        self.reason = (f'can have the keys {", ".join(sorted(keys))}, each '
                       'perhaps with :asc or :desc, and commas between them')

    def convert(self, value):
        """See :class:`Checked`."""
        found = {}
        for item in value.split(','):
            key, _colon, direction = item.partition(':')
            found.setdefault(key, (self.keys[key], direction or 'asc'))
        return list(found.values())


class _Truth(Checked):
    name = 'truth'
    schema = {'type': 'boolean'}
    reason = 'must be true or false'


class _Duration(Checked):
    name = 'duration'
    schema = {'anyOf': [
        {'type': 'number', 'minimum': 0, 'maximum': durations.MOST},
        {'type': 'string', 'pattern': f'^{durations.PATTERN}$'}]}
    reason = durations.REASON

    def convert(self, value):
        """See :class:`Checked`."""
        return durations.seconds(value)


class _Age(Checked):
    name = 'age'
    schema = {'type': 'string', 'pattern': f'^(0|{ages.PATTERN})$'}
    reason = f'{ages.REASON}, or 0 for none'


class _Expiry(Checked):
    name = 'expiry'
    schema = {'type': 'string', 'pattern': (
        f'^({ages.PATTERN}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:'
        '[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2}))$')}
    reason = f'{ages.REASON}, or a time such as 2027-01-31T00:00:00Z'


class _Timestamp(Checked):
    name = 'timestamp'
    schema = {'type': 'string', 'format': 'date-time'}


class _Object(Checked):
    name = 'object'
    schema = {'type': 'object'}


flag = _Flag()
uuid = _Uuid()
truth = _Truth()
"""True or false. Only in bodies; in a URL it is a flag."""
duration = _Duration()
"""Seconds as a number, or text such as 2m. Only in bodies."""
age = _Age()
"""How long something stays, such as 30d; 0 for no such rule."""
expiry = _Expiry()
"""Until when something stays, such as 30d or a time. Only in bodies."""
timestamp = _Timestamp()
"""A time: ISO 8601 in UTC. Only in answers."""
anything = _Object()
"""A JSON object without fixed members. Only in answers."""
limit = number(least=1)
