# SPDX-License-Identifier: Apache-2.0
"""Makes what was answered the same each time: ids that the service has made
up, and what its clock said."""
import datetime
import re
import uuid

from baas.tests.functional.examples import world

_UUID = re.compile('[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}')
_TIME = re.compile(r'(\d{4}-\d\d-\d\d)(T\d\d:\d\d:\d\d\.\d{3}Z)')
_DATE = re.compile(r'\d{4}-\d\d-\d\d')
_OF_THE_WORLD = '2026-01-0'
_NOW = '2026-01-05T09:30:00.000Z'
_NEXT = datetime.date(2026, 1, 6)


class Steady:
    """Gives what was made up the same names, in the order of its coming."""

    def __init__(self, known=()):
        self._ids = {id: id for id in (*world.IDS.values(), *known)}

    def of(self, answer):
        """Give an answer as it is the same each time.

        Times that are listed keep their order and their time of the day, on
        days that follow each other; any other time that is not of the world
        is when the request was answered.

        :param answer: what JSON can hold.
        """
        days = sorted(set(_days(answer)))
        return self._of(answer, {
            day: str(_NEXT + datetime.timedelta(days=number))
            for number, day in enumerate(days)})

    def _of(self, value, days, listed=False):
        if isinstance(value, dict):
            return {name: self._of(one, days) for name, one in value.items()}
        if isinstance(value, list):
            return [self._of(one, days, True) for one in value]
        if not isinstance(value, str):
            return value
        if value in days:
            return days[value]
        value = _UUID.sub(lambda found: self._id(found.group()), value)
        return _TIME.sub(lambda found: _time(found, days, listed), value)

    def _id(self, id):
        made = uuid.uuid5(uuid.NAMESPACE_DNS, f'{len(self._ids)}.example.org')
        return self._ids.setdefault(id, str(made))


def _time(found, days, listed):
    day, rest = found.groups()
    if day.startswith(_OF_THE_WORLD):
        return found.group()
    return days[day] + rest if listed else _NOW


def _days(value, listed=False):
    """Give the days of listed times, and those that stand alone."""
    if isinstance(value, dict):
        for one in value.values():
            yield from _days(one)
    elif isinstance(value, list):
        for one in value:
            yield from _days(one, True)
    elif isinstance(value, str) and not value.startswith(_OF_THE_WORLD):
        found = _TIME.fullmatch(value) if listed else None
        if found:
            yield found.group(1)
        elif _DATE.fullmatch(value):
            yield value
