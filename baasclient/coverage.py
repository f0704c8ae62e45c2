# SPDX-License-Identifier: Apache-2.0
"""How it looks what a set does not hold."""
from baasclient import columns

_SHOWN = 5
"""How many names stand in one row."""
_WARNED = 10
_WORDS = {'filesystem': 'file system', 'unanswered': 'open question'}
_ORDER = ('new', '', 'closed')
NAMES = ('Change', 'Kind', 'What', 'Nodes', 'Used', 'Why')
SHOW = 'openstack control plane backup coverage %s'


class Kind(columns.Column):
    """What it is."""

    def human(self, value):
        """Give the word for eyes."""
        return _WORDS.get(value, columns.printable(value))


class Whats(columns.Column):
    """Names of which a row has many."""

    def __init__(self, value, most):
        super().__init__(value)
        self._most = most

    def human(self, value):
        """Give one a line, and how many more there are."""
        # One more is no longer than the line that says so.
        shown = value if len(value) <= self._most + 1 else value[:self._most]
        more = len(value) - len(shown)
        return '\n'.join(map(columns.printable, shown)) + (
            '\nand %d more' % more if more else '')


def table(found, all_of_it=False):
    """Lay out what a set does not hold.

    What is the same on several nodes is one row, and so are things that are
    not in it for the same reason.

    :param found: the coverage, as the service gives it.
    :param all_of_it: True to show harmless gaps as well.
    :returns: names of columns, and a list of rows.
    """
    most = len(found['gaps']) if all_of_it else _SHOWN
    return NAMES, [
        (columns.Column(change or None), Kind(kind),
         Whats(whats, most), columns.Names(list(nodes)),
         columns.Bytes(used), columns.Column(text))
        for (change, kind, _, text, nodes, used), whats
        in _rows(_changes(found, all_of_it)).items()]


def notes(found, all_of_it=False):
    """Say what the table does not (list of lines)."""
    lines = ['There is no earlier set to compare it with.'
             if found['previous_set_id'] is None else
             'Compared with set %s.' % found['previous_set_id']]
    hidden = sum(one['harmless'] for one in found['gaps'])
    if hidden and not all_of_it:
        lines.append('%d more are harmless; --all shows them.' % hidden)
    return lines


def warnings(job):
    """Say which gaps of a set are new, for somebody who waits for it.

    :param job: the job, as the service gives it.
    :returns: list of lines; none where nothing is new.
    """
    found = job.get('coverage')
    if not found or job['kind'] not in ('backup', 'check'):
        return []
    new = [one for one in found['new'] if not one['harmless']]
    if found['previous_set_id'] is None and any(
            not one['harmless'] for one in found['gaps']):
        lines = ['Warning: %s' % found['summary'][0]]
    elif new:
        lines = ['Warning: new, and not in this backup: %s' % _sentence(row)
                 for row in list(_rows((('new', one) for one in new)).items()
                                 )[:_WARNED]]
    else:
        return []
    return lines + ['Show all with: ' + SHOW % job['id']]


def _changes(found, all_of_it):
    new = {_key(one) for one in found['new']}
    pairs = [('new' if _key(one) in new else '', one)
             for one in found['gaps']] + [
        ('closed', one) for one in found['closed']]
    return sorted((pair for pair in pairs
                   if all_of_it or not pair[1]['harmless']),
                  key=lambda pair: _ORDER.index(pair[0]))


def _key(one):
    return one['node'], one['kind'], one['what']


def _rows(pairs):
    """Put gaps into rows: {(change, kind, reason, text, nodes, used):
    [whats]}, in the order in which they came."""
    things = {}
    for change, one in pairs:
        thing = things.setdefault(
            (change, one['kind'], one['reason'], one['text'], one['what']),
            {'nodes': [], 'used': []})
        thing['nodes'] += [one['node']] if one['node'] else []
        thing['used'] += [one['used_bytes']] if one['used_bytes'] else []
    rows = {}
    for (*row, what), thing in things.items():
        # The largest: they may have the same thing from elsewhere.
        rows.setdefault((*row, tuple(thing['nodes']), max(
            thing['used'], default=None)), []).append(what)
    return rows


def _sentence(item):
    (_, kind, _, text, nodes, _), whats = item
    shown = ', '.join(whats[:_SHOWN]) + (
        ' and %d more' % (len(whats) - _SHOWN) if len(whats) > _SHOWN else '')
    where = ' of %s' % ', '.join(nodes) if nodes and (
        list(nodes) != whats) else ''
    return columns.printable('%s %s%s. %s' % (
        _WORDS.get(kind, kind), shown, where, text))
