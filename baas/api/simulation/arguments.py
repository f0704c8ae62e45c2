# SPDX-License-Identifier: Apache-2.0
"""What somebody has put into the form of the page, and what is wrong with it:
all of it at once, each beside its argument."""
import dataclasses
import inspect
import re

from wsme.rest import args

from baas.api import types
from baas.api.v1 import cleanup_preview
from baas import errors

CALL = cleanup_preview.simulate.call
"""The call of the API that the page shows."""
_TYPES = {'form': types.flag,
          **{one.name: one.datatype for one in CALL.definition.arguments}}
_UNITS = ' KMGT'


@dataclasses.dataclass(frozen=True)
class Field:
    """An argument as the page shows it.

    :ivar name: as the API calls it.
    :ivar about: what it means.
    :ivar text: what was given, or what counts without.
    :ivar value: what was given, as the call takes it; None when nothing was.
    :ivar wrong: what is wrong with it; None when nothing is.
    """
    name: str
    about: str
    text: str
    value: object
    wrong: str | None


class Arguments:
    """The arguments of the page.

    :param given: those of the URL (webob.multidict.MultiDict). What is empty
        is not given: a form sends that, too.
    :ivar form: False for a page to keep, which has no form.
    :ivar result: what the call answers (dict); None when something is wrong.
    :ivar faults: what is wrong and has no field (list of str).
    """

    def __init__(self, given):
        self._texts, self._values, self._wrong = {}, {}, {}
        self.faults, self.result = [], None
        for name, text in given.items():
            self._read(name, text.strip())
        self.form = self._values.pop('form', True)
        self._simulate()

    def fields(self):
        """Give all arguments of the call (list of :class:`Field`)."""
        known = self._effective()
        return [Field(name, about, known.get(name, ''),
                      self._values.get(name), self._wrong.get(name))
                for name, about in CALL.about.items()]

    def _effective(self):
        usual = {name: one.default for name, one in inspect.signature(
            cleanup_preview.simulate).parameters.items()
            if one.default is not None}
        if not any(name.startswith('keep_') for name in self._texts):
            usual.update(cleanup_preview.USUAL)
        return {**{name: str(value) for name, value in usual.items()},
                **self._texts}

    def _read(self, name, text):
        if name not in _TYPES:
            self._refuse(name, 'is not known here')
        elif name in self._texts:
            self._refuse(name, 'is given twice')
        elif text:
            self._texts[name] = text
            try:
                self._values[name] = args.from_param(
                    _TYPES[name], _plain(text) if name.endswith('_bytes')
                    else text)
            except ValueError as error:
                self._refuse(name, error)

    def _refuse(self, name, reason):
        if name in CALL.about:
            self._wrong[name] = str(reason)
        else:
            self.faults.append(f'Argument {name}: {reason}.')

    def _simulate(self):
        values = dict(self._values)
        if 'size_bytes' in self._wrong:
            values.pop('change_bytes', None)  # it would be missed there
        # Not the way through the API, which ends at the first error: each
        # argument that is wrong is left out, and the others are tried.
        result = None
        while result is None:
            try:
                result = cleanup_preview.simulate.__wrapped__(**values)
            except errors.InvalidArgument as error:
                name = error.values.get('argument')
                if name is None:
                    # Without what was left out it may be of no account.
                    if not (self._wrong or self.faults):
                        self.faults.append(f'{error} {error.hint}')
                    return
                self._refuse(name, error.values['reason'])
                if values.pop(name, None) is None:
                    return
        if not (self._wrong or self.faults):
            self.result = result


def _plain(text):
    """Write a number of bytes that has a unit, such as 500G, as the API takes
    it; leave any other text as it is."""
    found = re.fullmatch('([0-9]{1,15}) ?([KMGT])(iB)?', text, re.ASCII)
    return str(int(found[1]) << 10 * _UNITS.index(found[2])) if found else text
