# SPDX-License-Identifier: Apache-2.0
"""Figures of a simulation as the page shows them."""
import dataclasses
import itertools

_UNITS = ('B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB')


@dataclasses.dataclass(frozen=True)
class Month:
    """A month of the table.

    :ivar name: such as ``2027-01``.
    :ivar taken: how many sets were taken in it.
    :ivar removed: how many sets clean-ups removed in it.
    :ivar sets: how many are there at its end.
    :ivar most_sets: the most at the end of one of its days.
    :ivar stored_bytes: what they take at its end; None: nobody knows.
    :ivar most_stored_bytes: the most bytes, likewise.
    """
    name: str
    taken: int
    removed: int
    sets: int
    most_sets: int
    stored_bytes: int | None
    most_stored_bytes: int | None


def months(days):
    """Add days up (list of :class:`Month`).

    :param days: as ``GET /v1/cleanup/simulation`` has them.
    """
    found = []
    for name, some in itertools.groupby(days, lambda day: day['date'][:7]):
        some = list(some)
        found.append(Month(
            name, sum(day['taken'] for day in some),
            sum(day['removed'] for day in some), some[-1]['sets'],
            max(day['sets'] for day in some), some[-1]['stored_bytes'],
            None if some[-1]['stored_bytes'] is None
            else max(day['stored_bytes'] for day in some)))
    return found


def first(days, name, value):
    """Give the date of the first day with a value (str)."""
    return next(day['date'] for day in days if day[name] == value)


def size(count):
    """Write a number of bytes (int) with a unit, e.g. ``310 MiB``, as the
    command line does."""
    size = float(count)
    for unit in _UNITS:
        if size < 1023.5 or unit == _UNITS[-1]:
            break
        size /= 1024
    return f'{size:.{1 if size < 9.95 and unit != "B" else 0}f} {unit}'


def moment(timestamp):
    """Write a time of the API to the minute, as sets are taken."""
    return timestamp[:16].replace('T', ' ')
