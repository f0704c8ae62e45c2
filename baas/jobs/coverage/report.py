# SPDX-License-Identifier: Apache-2.0
"""The coverage of a set: its gaps, and which are new or closed since earlier
sets."""
import collections

from baas.jobs.coverage import gaps as rules

OF_SET = ''
"""In the place of a node, for what is of the whole set."""
_SINGLY = 10
"""How many new gaps of one kind are told one by one."""


def build(gaps, looked, history=()):
    """Hold the gaps of a set against those of earlier sets.

    Each kind of gap of each node is held against the newest earlier set that
    has looked for it: a set for which a node could not be asked, or for which
    no service was to be quiesced, says nothing about what is new.

    :param gaps: list of gaps.
    :param looked: {node: [kinds]}, of what all gaps are known;
        :data:`OF_SET` for what is of the whole set.
    :param history: {'set_id', 'gaps', 'looked'} of earlier sets, the newest
        first.
    :returns: {'previous_set_id', 'gaps', 'looked', 'new', 'closed', 'first'
        (how many gaps of which kind were looked for for the first time,
        harmless ones left out: str)}.
    """
    now = {rules.key(one): one for one in gaps}
    new, closed, first = [], [], []
    for node, kinds in looked.items():
        for kind in kinds:
            mine = _of(now, node, kind)
            before = _before(history, node, kind)
            if before is None:
                first += [one for one in mine.values()
                          if not one['harmless']]
                continue
            new += [one for key, one in mine.items() if key not in before]
            closed += [one for key, one in before.items()
                       if key not in mine]
    return {'previous_set_id': history[0]['set_id'] if history else None,
            'gaps': rules.ordered(now.values()),
            'looked': {node: sorted(kinds) for node, kinds
                       in sorted(looked.items())},
            'new': rules.ordered(new), 'closed': rules.ordered(closed),
            'first': counted(first)}


def of_node(found, node):
    """Give the part of a coverage that is of one node."""
    return {**found, **{name: [one for one in found[name]
                               if one['node'] == node]
                        for name in ('gaps', 'new', 'closed')},
            'first': ''}


def with_lost(found, lost):
    """Add the nodes of a set of which there is no backup.

    :param lost: {node: sentence}.
    """
    known = {rules.key(one) for one in found['gaps']}
    more = [one for one in map(lost_node, lost, lost.values())
            if rules.key(one) not in known]
    return {**found, 'gaps': rules.ordered(found['gaps'] + more)}


def lost_node(node, cause):
    """Make the gap of a node of which a set has no backup."""
    return rules.gap(node, 'node', node, 'failed',
                     f'There is no backup of it in this set: {cause}')


def summary(found):
    """Say a coverage in words (list of str)."""
    real = [one for one in found['gaps'] if not one['harmless']]
    lines = [f'Not in it: {counted(real)}.' if real
             else 'Nothing is known that it lacks.']
    previous = found['previous_set_id']
    if previous is None:
        return lines + ['There is no earlier set to compare it with.']
    for title, name in (('New', 'new'), ('Closed', 'closed')):
        real = [one for one in found[name] if not one['harmless']]
        lines += [f'{title} since set {previous}: {sentence(one)}'
                  for one in real[:_SINGLY]]
        if real[_SINGLY:]:
            lines.append(f'{title} as well: {counted(real[_SINGLY:])}.')
    if len(lines) == 1:
        lines.append(f'That is as it was for set {previous}.')
    return lines


def warnings(found):
    """Say what is to be warned of: each new gap that does harm, once.

    :returns: list of (node, sentence); node is None for the whole set.
    """
    new = [one for one in found['new'] if not one['harmless']]
    by_kind = collections.Counter((one['node'], one['kind']) for one in new)
    lines = [(one['node'], f'New, and not in this backup: {sentence(one)}')
             for one in new
             if by_kind[one['node'], one['kind']] <= _SINGLY]
    lines += [(node, f'New, and not in this backup: {count} '
                     f'{rules.KINDS[kind][1]}.')
              for (node, kind), count in by_kind.items() if count > _SINGLY]
    if found['first']:
        lines.append((None, f'Not in this backup, and looked for for the '
                            f'first time: {found["first"]}.'))
    return lines


def counted(gaps):
    """Say how many there are of each kind (str)."""
    counts = collections.Counter(one['kind'] for one in gaps)
    return ', '.join(f'{counts[kind]} {words[counts[kind] != 1]}'
                     for kind, words in rules.KINDS.items() if counts[kind])


def sentence(one):
    """Say one gap in words."""
    node = f' of {one["node"]}' if one['node'] and (
        one['what'] != one['node']) else ''
    return f'{rules.KINDS[one["kind"]][0]} {one["what"]}{node}. {one["text"]}'


def _of(gaps, node, kind):
    return {key: one for key, one in gaps.items()
            if (key[0] or OF_SET, key[1]) == (node, kind)}


def _before(history, node, kind):
    """Give the gaps of the newest set that has looked, by their keys; None
    when none has."""
    for earlier in history:
        if kind in earlier['looked'].get(node, ()):
            return _of({rules.key(one): one for one in earlier['gaps']},
                       node, kind)
    return None
