# SPDX-License-Identifier: Apache-2.0
"""How values look: for eyes in a table, raw in json, yaml, value and csv."""
from cliff import columns


def printable(text):
    """Drop what would steer a terminal: texts come from other machines."""
    return ''.join(letter if letter.isprintable() else ' '
                   for letter in text)


def human_bytes(count):
    """Write a number of bytes (int) with a unit, e.g. ``310 MiB``."""
    size = float(count)
    for unit in ('B', 'KiB', 'MiB', 'GiB', 'TiB'):
        if size < 1023.5 or unit == 'TiB':
            break
        size /= 1024
    digits = 1 if size < 9.95 and unit != 'B' else 0
    return '%.*f %s' % (digits, size, unit)


def human_seconds(seconds):
    """Write a duration, e.g. ``4.2 s``, ``3 min 20 s``, ``2 h 5 min``,
    ``1 d 21 h``."""
    if seconds < 59.95:
        return '%.1f s' % seconds
    minutes, seconds = divmod(round(seconds), 60)
    if minutes < 60:
        return '%d min %d s' % (minutes, seconds)
    if minutes < 24 * 60:
        return '%d h %d min' % divmod(minutes, 60)
    # As the service says it in its sentences.
    return '%d d %d h' % divmod(minutes // 60, 24)


def human_error(error):
    """Write the error of a job: which node, which step, which cause."""
    where = ['on %s' % error['node'] if error.get('node') else '',
             'in step %s' % error['step'] if error.get('step') else '']
    where = ' '.join(part for part in where if part)
    return printable(
        '%s: %s' % (where, error['cause']) if where else error['cause'])


class Column(columns.FormattableColumn):
    """Any value; one that is not there is a dash for the eyes."""

    def human_readable(self):
        """Give what a table shows."""
        return '-' if self._value is None else self.human(self._value)

    def human(self, value):
        """Give what a table shows for a value that is there."""
        return printable(str(value))

    def __lt__(self, other):
        if self._value is None or other._value is None:
            return self._value is None and other._value is not None
        return self._value < other._value


class Bytes(Column):
    """A number of bytes."""

    def human(self, value):
        """Give it with a unit."""
        return human_bytes(value)


class Seconds(Column):
    """A duration in seconds."""

    def human(self, value):
        """Give it with units."""
        return human_seconds(value)


class Flag(Column):
    """True or false."""

    def human(self, value):
        """Give yes or no."""
        return 'yes' if value else 'no'


class Percent(Column):
    """0 to 100."""

    def human(self, value):
        """Give it with its sign."""
        return '%d %%' % value


class Names(Column):
    """A list of names or ids."""

    def human(self, value):
        """Give one a line."""
        return '\n'.join(value) or '-'


class Mapping(Column):
    """Names with values."""

    def human(self, value):
        """Give one a line."""
        return '\n'.join('%s=%s' % pair for pair in sorted(value.items())
                         ) or '-'


class Outages(Column):
    """Names with durations."""

    def human(self, value):
        """Give one a line, the longest first."""
        return '\n'.join(
            '%s  %s' % (printable(name), human_seconds(seconds))
            for name, seconds in sorted(
                value.items(), key=lambda item: (-item[1], item[0]))) or '-'


class Outage(Column):
    """Outage of a set."""

    def human(self, value):
        """Give the mode and the outages, one a line."""
        return '\n'.join('%s  %s' % (name, shown) for name, shown in (
            ('mode', value['quiesce_mode']),
            ('outage', human_seconds(value['outage_seconds'])),
            ('for clients', value['client_outage_seconds'] is not None
             and human_seconds(value['client_outage_seconds']))) if shown)


class Forecast(Column):
    """What a backup is expected to cost, what a restore will do, or what is
    not in a set."""

    def human(self, value):
        """Give it in words, one sentence a line."""
        return '\n'.join(map(printable, value['summary']))


class Expected(Column):
    """A figure that may not be known."""

    def __init__(self, value, known):
        super().__init__(value)
        self._known = known

    def human_readable(self):
        """Give what a table shows."""
        if self._value is None:
            return 'unknown'
        return self._known(self._value).human_readable()


class Error(Column):
    """The error of a job."""

    def human(self, value):
        """Give a sentence, and the hint below it."""
        if isinstance(value, str):
            return super().human(value)
        return '\n'.join(
            line for line in (human_error(value), value.get('hint')) if line)


class Steps(Column):
    """The steps of a job."""

    def human(self, value):
        """Give one a line: its name, its state, how far it is."""
        width = max((len(step['name']) for step in value), default=0)
        return '\n'.join(
            '%-*s  %s' % (width, step['name'], step['state']) + (
                ' %d %%' % step['percent']
                if step['state'] == 'running' else '')
            for step in value) or '-'


class Damages(Column):
    """What is damaged of a backup."""

    def human(self, value):
        """Give one object a line, with the files that it hits."""
        return '\n'.join(printable(' '.join(filter(None, (
            damage['node'] + ':', damage['object'], damage['what'],
            damage['files'] and '(%s)' % ', '.join(damage['files'])))))
            for damage in value) or '-'


class Results(Column):
    """What was found out of each node."""

    def human(self, value):
        """Give one node a line, with its figures."""
        return '\n'.join(
            printable('%s: %s' % (node, ', '.join(
                '%s %s' % (name.replace('_', ' '), figure)
                for name, figure in sorted(found.items())
                if isinstance(figure, (int, float)))))
            for node, found in sorted(value.items())) or '-'


class LastRun(Column):
    """What became of the last run of a schedule."""

    def human(self, value):
        """Give its state and its time, and why it was not begun."""
        return '\n'.join(printable(line) for line in (
            '%s  %s' % (value['state'], value['tick'] or value['created_at']),
            value['job_id'], value['reason']) if line)


class Degraded(Column):
    """The status of a backup of a set that was taken without some nodes."""

    def human(self, value):
        """Give it with a mark."""
        return '%s (degraded)' % super().human(value)


_FORMATS = {
    'missing_nodes': Names,
    'stopall': Flag, 'protected': Flag, 'keep': Flag, 'labels': Mapping,
    'damages': Damages, 'result': Results,
    'may_overlap': Flag, 'then': Names, 'then_states': Names,
    'ping_states': Names, 'paused': Flag,
    'by_configuration': Flag, 'suspicions': Names, 'texts': Names,
    'enabled': Flag, 'next_runs': Names,
    'last_run': LastRun, 'percent': Percent, 'options': Mapping,
    'nodes': Names, 'backups': Names, 'error': Error, 'steps': Steps,
    'service_outages': Outages, 'outage': Outage,
    'forecast': Forecast, 'plan': Forecast, 'coverage': Forecast,
    'summary': Names,
}
_UNITS = {'bytes': Bytes, 'seconds': Seconds}
"""By the last word of a name: the API says a unit there."""


def _format(name):
    return _FORMATS.get(name) or _UNITS.get(name.rpartition('_')[2], Column)


def table(resources, fields):
    """Lay out a list of resources.

    :param resources: list of mappings, as the service gives them.
    :param fields: pairs of a column's name and an attribute of resources.
    :returns: names of columns, and a list of rows.
    """
    return [name for name, _attribute in fields], [
        tuple(_cell(resource, attribute) for _name, attribute in fields)
        for resource in resources]


def _cell(resource, attribute):
    known = (Degraded if attribute == 'status'
             and resource.get('missing_nodes') else _format(attribute))
    return known(resource.get(attribute))


def forecast(job):
    """Lay out what a job that only checks has found.

    :param job: the job, as the service gives it.
    :returns: names of attributes, and their values.
    """
    found = job['forecast'] or {}
    expected = {name: Expected(found.get(name), column)
                for name, column in (('outage_seconds', Seconds),
                                     ('duration_seconds', Seconds),
                                     ('stored_bytes', Bytes))}
    rest = {name: found.get(name) for name in (
        'max_outage_seconds', 'back_within_seconds', 'set_id')}
    rest['summary'] = found.get('summary', [])
    rest['coverage'] = job.get('coverage')
    names, values = one({'id': job['id'], 'target': job['target'],
                         'stopall': job['options']['stopall'],
                         'state': job['state'], **rest})
    return (names[:4] + list(expected) + names[4:],
            values[:4] + list(expected.values()) + values[4:])


def one(resource):
    """Lay out everything that the service says about a resource.

    :returns: names of attributes, and their values.
    """
    names = [name for name in resource if name != 'links']
    return names, [_format(name)(resource[name]) for name in names]
