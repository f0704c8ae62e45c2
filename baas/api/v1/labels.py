# SPDX-License-Identifier: Apache-2.0
"""Labels that lists are filtered by."""
from baas.api import types

_KEY = types.labels.schema['propertyNames']
_VALUE = types.labels.schema['additionalProperties']
_LETTER = _VALUE['pattern'][1:-2]  # without ^, * and $


class _Filter(types.text):
    """Labels that all must be there, each an argument of its own."""
    name = 'labels'
    basetype = list
    reason = ('must be a key and a value with a colon between them, such as '
              'ticket:4711')

    def __init__(self):
        # Nothing of text but that it is one: it is an array of texts.
        key = _KEY['pattern'].removesuffix('*$')
        self.schema = {
            'type': 'array', 'minItems': 1,
            'maxItems': types.labels.schema['maxProperties'],
            'items': {'type': 'string', 'pattern': (
                f'{key}{{0,{_KEY["maxLength"] - 1}}}:'
                f'{_LETTER}{{1,{_VALUE["maxLength"]}}}$')}}

    def convert(self, value):
        """Give (key, value) of each."""
        return [tuple(one.split(':', 1)) for one in value]


FILTER = _Filter()
