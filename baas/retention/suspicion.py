# SPDX-License-Identifier: Apache-2.0
"""What is odd about a backup, beside the earlier ones of the same node.

What encrypts the files of a node from outside makes all of them new at once,
and such that they cannot be compressed; what empties a disk makes files and
bytes vanish. The sets before that are the good ones then, and must not age
away.
"""
import dataclasses
import math
import statistics

LEAST = 4
"""Fewer earlier backups are no history: nothing is odd beside them."""
MOST = 20
"""Earlier ones count no more: what is usual may change with time."""
_SPREADS = 6
_NORMAL = 1.4826  # from the median of deviations to the standard deviation
_NEW = (0.2, 0.5)
_COMPRESSED = (0.15, 0.4)
_TIMES = (math.log(1.5), math.log(4))
_LITTLE = 0.01


@dataclasses.dataclass(frozen=True)
class Measure:
    """The figures of one backup.

    :ivar size_bytes: size of all files.
    :ivar files: their number.
    :ivar added_bytes: what was new, before it was compressed; None when the
        kind of payload does not tell.
    :ivar stored_bytes: what it added to the storage.
    """
    size_bytes: int
    files: int
    stored_bytes: int
    added_bytes: int | None = None


def judge(measure, earlier):
    """Tell what is odd about a backup.

    :param measure: its :class:`Measure`.
    :param earlier: those of the good backups of the node before it that were
        not odd, the newest first.
    :returns: list of sentences, [] when it is as usual or when the history
        is too short to tell.
    """
    earlier = earlier[:MOST]
    if len(earlier) < LEAST:
        return []
    found = []
    for figure, words, (least, most), ways in _FIGURES:
        mine = figure(measure)
        usual = [one for one in map(figure, earlier) if one is not None]
        if mine is None or len(usual) < LEAST:
            continue
        middle = statistics.median(usual)
        spread = _NORMAL * statistics.median(
            abs(one - middle) for one in usual)
        far = mine - middle
        # What floating point has rounded is not far.
        bound = min(max(least, _SPREADS * spread), most) + 1e-9
        if far > bound or ways == 2 and -far > bound:
            found.append(words(mine, middle))
    return found


def _new(measure):
    new = (measure.stored_bytes if measure.added_bytes is None
           else measure.added_bytes)
    return new / measure.size_bytes if measure.size_bytes else None


def _compressed(measure):
    # Of little data the ratio says nothing.
    if not measure.added_bytes or (
            measure.added_bytes < _LITTLE * measure.size_bytes):
        return None
    return measure.stored_bytes / measure.added_bytes


def _logarithm(name):
    return lambda measure: math.log(max(getattr(measure, name), 1))


def _percents(text):
    return lambda mine, usual: text.format(f'{mine:.0%}', f'{usual:.0%}')


def _numbers(text):
    return lambda mine, usual: text.format(
        f'{math.exp(mine):.0f}', f'{math.exp(usual):.0f}')


_FIGURES = (
    (_new, _percents('{} of its data is new; usual is {}'), _NEW, 1),
    (_compressed, _percents('its new data was compressed to {} only; usual '
                            'is {}'), _COMPRESSED, 1),
    (_logarithm('files'), _numbers('it has {} files; usual are {}'),
     _TIMES, 2),
    (_logarithm('size_bytes'), _numbers('it has {} bytes; usual are {}'),
     _TIMES, 2),
)
"""The figures: how each is had of a measure (None where it has none), what is
said of it, within which bounds it has to be far, whatever the history, and
whether it can be odd in one way, upwards, or in two."""
