# SPDX-License-Identifier: Apache-2.0
"""A line over days, as the page draws it: labels stay as large as text is,
and only the line is stretched to the width that there is."""
import dataclasses
import itertools
import math

HEIGHT = 200
"""Of the drawing, in pixels of CSS."""
ABOVE = 20
"""Room for the uppermost label, in pixels."""
FULL = 1000
"""How high the line is drawn where it reaches the top."""
_LABELS = 6
_FEW_DAYS = 62
_INSIDE = (5, 95)


@dataclasses.dataclass(frozen=True)
class Chart:
    """A drawing.

    :ivar name: what it is called in the page, a word.
    :ivar title: what it shows.
    :ivar summary: the same for who cannot see it.
    :ivar width: how many days.
    :ivar top: the value of the uppermost line.
    :ivar rows: (distance from above in pixels, label) of each line.
    :ivar columns: (distance from the left in percent, label) of dates.
    :ivar line: the path of SVG, a step for each change; :data:`FULL` high,
        from above.
    """
    name: str
    title: str
    summary: str
    width: int
    top: int
    rows: list
    columns: list
    line: str


def draw(name, title, summary, days, write, unit=1):
    """Draw a line over days.

    :param name: of what is drawn, as days have it.
    :param title: see :class:`Chart`, as ``summary``.
    :param days: as ``GET /v1/cleanup/simulation`` has them.
    :param write: gives the label of a value.
    :param unit: steps between lines are of 1, 2 or 5 of it, or of ten times
        as many and so on; or of its half.
    """
    values = [day[name] for day in days]
    step = _step(max(values), unit)
    lines = max(math.ceil(max(values) / step), 1)
    return Chart(
        name, title, summary, len(values), lines * step,
        [(round(ABOVE + HEIGHT * (1 - row / lines), 2), write(row * step))
         for row in range(lines + 1)],
        _columns([day['date'] for day in days]),
        _line(values, lines * step))


def binary(most):
    """Give the largest unit of bytes that fits in a number (int)."""
    return 1 << 10 * max((int(most).bit_length() - 1) // 10, 0)


def _step(most, unit):
    if most <= 2 * unit and unit > 1:
        return unit // 2
    return next(step * unit for step in (
        factor * 10 ** power for power in itertools.count()
        for factor in (1, 2, 5)) if 4 * step * unit >= most)


def _line(values, top):
    parts, before = [], None
    for day, value in enumerate(values):
        if value != before:
            height = FULL - round(value * FULL / top)
            parts.append(f'H{day}V{height}' if parts else f'M0 {height}')
            before = value
    return ''.join(parts) + f'H{len(values)}'


def _columns(dates):
    """Give as many dates as there is room for: the beginnings of months, or
    of few days any."""
    few = len(dates) <= _FEW_DAYS
    places = [day for day, date in enumerate(dates)
              if few or date.endswith('-01')]
    places = places[::math.ceil(len(places) / _LABELS)]
    columns = [(round((day + few / 2) * 100 / len(dates), 2),
                dates[day][5:] if few else dates[day][:7]) for day in places]
    return [one for one in columns if _INSIDE[0] <= one[0] <= _INSIDE[1]]
