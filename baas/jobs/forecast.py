# SPDX-License-Identifier: Apache-2.0
"""What a backup is expected to cost, told before anything is quiesced."""
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
            '([quiesce] mode and units), or take the backup with stopall=no.')


@dataclasses.dataclass(frozen=True)
class Options:
    """What is asked of a backup.

    :ivar stopall: whether services are quiesced.
    :ivar max_outage: seconds that the outage may last; None: no limit.
    :ivar deadman_timeout: seconds after which a node resumes by itself.
    :ivar health_timeout: seconds that services get to be healthy after that.
    """
    stopall: bool
    max_outage: float
    deadman_timeout: float
    health_timeout: float


@dataclasses.dataclass(frozen=True)
class PreviousRun:
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


def build(options, previous=None, nodes=()):
    """Work out what a backup will cost.

    An earlier set tells all that the nodes can know and more, so it goes
    first: the nodes know a part of the outage, and how much could be stored.

    :param options: :class:`Options`.
    :param previous: :class:`PreviousRun`; None when there is none.
    :param nodes: what each node foresees of itself: a list of {'outage':
        seconds at least, or None, 'bytes': to be stored at most, or None}.
    :returns: {outage_seconds, duration_seconds, stored_bytes, set_id,
        max_outage_seconds, back_within_seconds, summary}; None for what
        is not known. ``summary`` says the same in words.
    """
    expected = dataclasses.asdict(previous) if previous else {
        'set_id': None, 'outage_seconds': None, 'duration_seconds': None,
        'stored_bytes': None}
    if expected['outage_seconds'] is None:
        expected['outage_seconds'] = max(_known(nodes, 'outage'), default=None)
    sizes = _known(nodes, 'bytes')
    if expected['stored_bytes'] is None and len(sizes) == len(nodes) > 0:
        expected['stored_bytes'] = sum(sizes)
    expected.update(max_outage_seconds=options.max_outage,
                    back_within_seconds=options.deadman_timeout
                    + options.health_timeout)
    if not options.stopall:
        expected.update(outage_seconds=0.0, max_outage_seconds=None,
                        back_within_seconds=None)
    return {**expected, 'summary': _summary(options, previous, expected)}


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


def _summary(options, previous, expected):
    previous = previous or PreviousRun(None, None, None, None)
    lines = ['No service is quiesced.']
    if options.stopall:
        lines = [_figure('The outage is expected to last {}{:g} s.',
                         'The length of the outage is not known.',
                         expected['outage_seconds'],
                         'at least ' * (previous.outage_seconds is None))]
    size = expected['stored_bytes']
    lines += [
        _figure('The backup is expected to take {}{:.0f} s.',
                'How long the backup will take is not known.',
                expected['duration_seconds']),
        _figure('It is expected to add {}{:.0f} MiB to the storage.',
                'How much it will add to the storage is not known.',
                None if size is None else size / 2 ** 20,
                'at most ' * (previous.stored_bytes is None)),
        'There is no earlier set of this kind to go by.'
        if expected['set_id'] is None else
        f'This goes by what set {expected["set_id"]} has cost.']
    if options.stopall:
        lines.append(
            f'Whatever dies, each node begins to resume by itself within '
            f'{options.deadman_timeout:g} s, and its services have '
            f'{options.health_timeout:g} s to be back.')
    if expected['max_outage_seconds'] is not None:
        lines.append(f'The outage may last {options.max_outage:g} s at most.')
    return lines


def _figure(sentence, otherwise, value, bound=''):
    return otherwise if value is None else sentence.format(bound, value)
