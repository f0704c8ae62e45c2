# SPDX-License-Identifier: Apache-2.0
"""Labels: those that backups have, and those that lists are filtered by."""
from baas.api import types

_MOST = 32
_SHOWN = 40
"""How much of a key is shown that is none."""
_KEY = {'pattern': '^[A-Za-z0-9][A-Za-z0-9_.-]*$', 'maxLength': 63}
_TEXT = types.text()
_VALUE = _TEXT.schema
_LETTER = _VALUE['pattern'][1:-2]  # without ^, * and $
_FEW = f'must be at most {_MOST} of them'


def _fault(key, value):
    """Tell what is wrong with a label (half a sentence); None: nothing is."""
    if not types.Schema({'type': 'string', **_KEY}).is_valid(key):
        return (f'the key {ascii(key[:_SHOWN])} must be 1 to '
                f'{_KEY["maxLength"]} letters, digits, dots, dashes and '
                'underscores, a letter or digit first')
    if not types.Schema(_VALUE).is_valid(value):
        return f'the value of {key} {_TEXT.reason}'
    return None


def _first(pairs):
    return next(filter(None, (_fault(*pair) for pair in pairs)), _FEW)


class _Labels(types.Checked):
    """Texts by keys. Only in bodies."""
    name = 'labels'
    schema = {'type': 'object', 'maxProperties': _MOST,
              'propertyNames': _KEY, 'additionalProperties': _VALUE}

    def why(self, value):
        """See :class:`baas.api.types.Checked`."""
        if not isinstance(value, dict):
            return 'must be an object of texts, by their keys'
        return _first(value.items())


class _Filter(types.Checked):
    """Labels that all must be there, each an argument of its own."""
    name = 'labels'
    basetype = list
    schema = {
        'type': 'array', 'minItems': 1, 'maxItems': _MOST,
        'items': {'type': 'string', 'pattern': (
            f'{_KEY["pattern"].removesuffix("*$")}'
            f'{{0,{_KEY["maxLength"] - 1}}}:'
            f'{_LETTER}{{1,{_VALUE["maxLength"]}}}$')}}

    def why(self, value):
        """See :class:`baas.api.types.Checked`."""
        if not all(':' in one for one in value):
            return ('must be a key and a value with a colon between them, '
                    'such as ticket:4711')
        return _first(one.split(':', 1) for one in value)

    def convert(self, value):
        """Give (key, value) of each."""
        return [tuple(one.split(':', 1)) for one in value]


FILTER, LABELS = _Filter(), _Labels()
