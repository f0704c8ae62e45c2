# SPDX-License-Identifier: Apache-2.0
"""Types of arguments and fields: each checks, and says so in JSON Schema.

WSME does not check ``bool`` and ``Enum`` in URL arguments: ``stopall=no``
would read true. So these types do, in ``frombasetype``.
"""
import re

from wsme import types

from baas import duration as durations


class _Checked(types.UserType):
    """A type that raises ValueError with the reason, a half sentence.

    :ivar schema: JSON Schema of a value as it travels (dict).
    """
    basetype = str
    schema = {'type': 'string'}

    def frombasetype(self, value):
        """See :class:`wsme.types.UserType`."""
        if not isinstance(value, str):
            raise ValueError('must be text')
        return self.check(value)

    def validate(self, value):
        """See :class:`wsme.types.UserType`."""
        # What is inside the service has been checked when it came in.
        return value

    def check(self, value):
        """Turn the text of an argument into its value.

        :raises ValueError: with the reason.
        """
        raise NotImplementedError


class _Flag(_Checked):
    name = 'flag'
    schema = {'type': 'string', 'enum': ['no', 'yes', 'false', 'true']}

    def check(self, value):
        """See :class:`_Checked`."""
        if value not in self.schema['enum']:
            raise ValueError('must be yes, no, true or false')
        return value in ('yes', 'true')


class choice(_Checked):
    """One of a few words."""
    name = 'choice'

    def __init__(self, *values):
        self.values = values
        self.schema = {'type': 'string', 'enum': list(values)}

    def check(self, value):
        """See :class:`_Checked`."""
        if value not in self.values:
            raise ValueError(f'must be one of {", ".join(self.values)}')
        return value


class words(choice):
    """Some of a few words, with commas between them."""
    name = 'words'

    def __init__(self, *values):
        super().__init__(*values)
        word = f'({"|".join(values)})'
        self.schema = {'type': 'string', 'pattern': f'^{word}(,{word})*$'}

    def check(self, value):
        """See :class:`_Checked`."""
        found = value.split(',')
        for word in found:
            super().check(word)
        return sorted(set(found))


class _Uuid(_Checked):
    name = 'uuid'
    schema = {'type': 'string', 'format': 'uuid'}
    _form = re.compile(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', re.I)

    def check(self, value):
        """See :class:`_Checked`."""
        if not self._form.fullmatch(value):
            raise ValueError('must be a UUID, such as '
                             '0c9d1f3e-5a1b-4a52-9d0e-0f3b7a3f6d21')
        return value.lower()


class text(_Checked):
    """Text of a limited length that shows as it is: without control
    characters, invisible ones and those that turn the direction."""
    name = 'text'
    _form = ('^[^\\x00-\\x1f\\x7f-\\x9f\\u200b-\\u200f\\u2028-\\u202e'
             '\\u2060-\\u206f\\ufeff\\ufff0-\\uffff]*$')

    def __init__(self, longest=255):
        self.longest = longest
        self.schema = {'type': 'string', 'minLength': 1,
                       'maxLength': longest, 'pattern': self._form}

    def check(self, value):
        """See :class:`_Checked`."""
        if not 1 <= len(value) <= self.longest:
            raise ValueError(f'must have 1 to {self.longest} characters')
        # Without ^ and $, which would let a line end pass. Halves of
        # characters come from JSON only, and no pattern can name them.
        if not re.fullmatch(self._form[1:-1], value) or any(
                '\ud800' <= letter <= '\udfff' for letter in value):
            raise ValueError('must not have control characters')
        return value


class number(_Checked):
    """A whole number within bounds."""
    name = 'number'

    def __init__(self, least=0, most=2 ** 31 - 1):
        self.least, self.most = least, most
        self.schema = {'type': 'integer', 'minimum': least, 'maximum': most}

    def check(self, value):
        """See :class:`_Checked`."""
        # Neither sign nor digits of other scripts, which int() would take.
        if not re.fullmatch('[0-9]{1,10}', value) or not (
                self.least <= int(value) <= self.most):
            raise ValueError(f'must be a whole number from {self.least} to '
                             f'{self.most}')
        return int(value)


class sort(_Checked):
    """Keys to sort by: ``key:dir,key:dir``, where dir is asc or desc.

    :param keys: names that may be sorted by, each mapped to its column.
    """
    name = 'sort'

    def __init__(self, **keys):
        self.keys = keys
        key = f'({"|".join(keys)})(:(asc|desc))?'
        self.schema = {'type': 'string', 'pattern': f'^{key}(,{key})*$'}

    def check(self, value):
        """See :class:`_Checked`."""
        found = {}
        for item in value.split(','):
            key, colon, way = item.partition(':')
            if key not in self.keys:
                raise ValueError('can have the keys '
                                 + ', '.join(sorted(self.keys)))
            if key in found:
                raise ValueError(f'has {key} twice')
            if colon and way not in ('asc', 'desc'):
                raise ValueError('can go asc or desc')
            found[key] = (self.keys[key], way or 'asc')
        return list(found.values())


class _Truth(_Checked):
    name = 'truth'
    schema = {'type': 'boolean'}

    def frombasetype(self, value):
        """See :class:`_Checked`."""
        # WSME takes words and numbers for one as well.
        if not isinstance(value, bool):
            raise ValueError('must be true or false')
        return value


class _Duration(_Checked):
    name = 'duration'
    schema = {'anyOf': [
        {'type': 'number', 'minimum': 0, 'maximum': durations.MOST},
        {'type': 'string', 'pattern': f'^{durations.PATTERN}$'}]}

    def frombasetype(self, value):
        """See :class:`_Checked`."""
        return durations.seconds(value)


class _Moment(_Checked):
    name = 'moment'
    schema = {'type': 'string', 'format': 'date-time'}


class _Object(_Checked):
    name = 'object'
    schema = {'type': 'object'}


flag = _Flag()
uuid = _Uuid()
truth = _Truth()
"""True or false. Only in bodies; in a URL it is a flag."""
duration = _Duration()
"""Seconds as a number, or text such as 2m. Only in bodies."""
moment = _Moment()
"""A time: ISO 8601 in UTC. Only in answers."""
anything = _Object()
"""A JSON object without fixed members. Only in answers."""
limit = number(least=1)
