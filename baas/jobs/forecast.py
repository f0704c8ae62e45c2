# SPDX-License-Identifier: Apache-2.0
"""What a backup is expected to cost, told before anything rests."""
import dataclasses

from baas import errors


class OutageTooLong(errors.BaasError):
    """A backup would cost a longer outage than it may: its check fails."""
    code = 409
    faultcode = 'baas.backup.outage_too_long'
    title = 'Outage too long'
    message = ('The outage is expected to be {expected:g} s, longer than the '
               'max_outage of {most:g} s.')
    hint = ('Raise max_outage to {expected:g} or more, shorten the outage '
            '([moment] way and units), or take the backup with stopall=no.')


@dataclasses.dataclass(frozen=True)
class Wish:
    """What is asked of a backup.

    :ivar stopall: whether services rest.
    :ivar max_outage: seconds that the outage may last; None: no limit.
    :ivar within: seconds after which a node resumes by itself.
    :ivar settle: seconds that services get to be back after that.
    """
    stopall: bool
    max_outage: float
    within: float
    settle: float


@dataclasses.dataclass(frozen=True)
class Earlier:
    """What the last whole set of the same kind has cost.

    :ivar set_id: its id.
    :ivar outage_seconds: the longest of its nodes.
    :ivar duration_seconds: from the begin of its job to the end.
    :ivar stored_bytes: what it added to the storage.
    """
    set_id: str
    outage_seconds: float
    duration_seconds: float
    stored_bytes: int


def build(wish, earlier=None, nodes=()):
    """Work out what a backup will cost.

    An earlier set tells all that the nodes can know and more, so it goes
    first: the nodes know a part of the outage, and how much could be stored.

    :param wish: :class:`Wish`.
    :param earlier: :class:`Earlier`; None when there is none.
    :param nodes: what each node foresees of itself: a list of {'outage':
        seconds at least, or None, 'bytes': to be stored at most, or None}.
    :returns: {outage_seconds, duration_seconds, stored_bytes, set_id,
        max_outage_seconds, back_within_seconds, sentences}; None for what
        is not known. ``sentences`` says the same in words.
    """
    found = dataclasses.asdict(earlier) if earlier else {
        'set_id': None, 'outage_seconds': None, 'duration_seconds': None,
        'stored_bytes': None}
    if found['outage_seconds'] is None:
        found['outage_seconds'] = max(_known(nodes, 'outage'), default=None)
    sizes = _known(nodes, 'bytes')
    if found['stored_bytes'] is None and len(sizes) == len(nodes) > 0:
        found['stored_bytes'] = sum(sizes)
    found.update(max_outage_seconds=wish.max_outage,
                 back_within_seconds=wish.within + wish.settle)
    if not wish.stopall:
        found.update(outage_seconds=0.0, max_outage_seconds=None,
                     back_within_seconds=None)
    return {**found, 'sentences': _sentences(wish, earlier, found)}


def check(forecast):
    """Refuse a backup that is expected to cost more than it may.

    :param forecast: as :func:`build` makes it.
    :raises OutageTooLong: it is.
    """
    expected = forecast['outage_seconds']
    most = forecast['max_outage_seconds']
    if None not in (expected, most) and expected > most:
        raise OutageTooLong(expected=expected, most=most)


def _known(nodes, key):
    return [node[key] for node in nodes if node.get(key) is not None]


def _sentences(wish, earlier, found):
    earlier = earlier or Earlier(None, None, None, None)
    said = ['No service rests.']
    if wish.stopall:
        said = [_figure('Services are expected to rest for {}{:g} s.',
                        'How long services will rest is not known.',
                        found['outage_seconds'],
                        'at least ' * (earlier.outage_seconds is None))]
    size = found['stored_bytes']
    said += [
        _figure('The backup is expected to take {}{:.0f} s.',
                'How long the backup will take is not known.',
                found['duration_seconds']),
        _figure('It is expected to add {}{:.0f} MiB to the storage.',
                'How much it will add to the storage is not known.',
                None if size is None else size / 2 ** 20,
                'at most ' * (earlier.stored_bytes is None)),
        'There is no earlier set of this kind to go by.'
        if found['set_id'] is None else
        f'This goes by what set {found["set_id"]} has cost.']
    if wish.stopall:
        said.append(
            f'Whatever dies, each node begins to resume by itself within '
            f'{wish.within:g} s, and its services have {wish.settle:g} s to '
            'be back.')
    if found['max_outage_seconds'] is not None:
        said.append(f'Services may rest for {wish.max_outage:g} s at most.')
    return said


def _figure(sentence, otherwise, value, bound=''):
    return otherwise if value is None else sentence.format(bound, value)
