# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup check: one line and an exit code, as monitors
want them. Whatever happens, the code is one of theirs."""
import argparse
import collections
import datetime
import re
import sys

from osc_lib import exceptions

from baasclient import columns
from baasclient import command
from baasclient import find
from baasclient.v1 import backup

OK, WARNING, CRITICAL, UNKNOWN = range(4)
WORDS = ('OK', 'WARNING', 'CRITICAL', 'UNKNOWN')
_UNITS = {'m': 60, 'h': 3600, 'd': 86400, 'w': 7 * 86400}
_NEWEST = 60
"""How many backups are asked for first: mostly these will do."""
_AHEAD = 300
"""Seconds by which clocks may differ."""
Found = collections.namedtuple('Found', 'code text figures')
"""What was found of one target: its code, a sentence without its name, and
what is measured, as {label: (value, warning, critical)}."""


class CheckBackup(command.Command):
    """Say in one line whether the newest backups are young enough.

    The exit code is 0 for OK, 1 for WARNING, 2 for CRITICAL and 3 for
    UNKNOWN, which is also that of bad arguments and of a service that gives
    no answer.
    """

    # Or the shell would end with 1, a WARNING, before this is asked.
    auth_required = False

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.error = lambda message: self._refuse(parser, message)
        parser.add_argument(
            '--max-age', metavar='<age>', type=_age, required=True,
            help='How old the newest available set may be, e.g. 90m, 26h, 2d '
                 'or 1w: an older one is CRITICAL')
        parser.add_argument(
            '--warn-age', metavar='<age>', type=_age,
            help='From which age on it is WARNING, less than --max-age '
                 '(default: never)')
        parser.add_argument(
            '--target', metavar='<target>', choices=backup.TARGETS,
            help='Only overcloud or undercloud (default: each that has '
                 'nodes)')
        parser.add_argument(
            '--verified-within', metavar='<age>', type=_age,
            help='When a set must have been read back last, e.g. 40d: a '
                 'longer time ago, or never, is CRITICAL')
        return parser

    def take_action(self, parsed_args):
        """Ask, say it, and give the exit code."""
        try:
            self.auth_required = True
            self.app.prepare_to_run_command(self)
            return self._say(*self._look(parsed_args))
        except Exception as error:
            return self._say(UNKNOWN, str(error).split('\n')[0].rstrip('.')
                             or type(error).__name__, {})

    def _look(self, parsed_args):
        if (parsed_args.warn_age or 0) >= parsed_args.max_age:
            return UNKNOWN, '--warn-age must be less than --max-age', {}
        client = self.client
        nodes = {}
        for node in client.list('node', target=parsed_args.target):
            nodes.setdefault(node['target'], set()).add(node['name'])
        if not nodes:
            return UNKNOWN, '%s has no nodes' % (
                'The ' + parsed_args.target if parsed_args.target
                else 'No target'), {}
        found = {target: _of_target(client, target, nodes[target],
                                    parsed_args) for target in sorted(nodes)}
        figures = {
            label if parsed_args.target else '%s_%s' % (target, label): value
            for target, one in found.items()
            for label, value in one.figures.items()}
        return (max(one.code for one in found.values()), '; '.join(
            '%s: %s' % (target, one.text) for target, one in sorted(
                found.items(), key=lambda item: -item[1].code)), figures)

    def _say(self, code, text, figures):
        # A bar would begin the figures.
        line = '%s: %s' % (WORDS[code], columns.printable(text).replace(
            '|', '/'))
        if figures:
            line += ' | ' + ' '.join(
                '%s=%ds;%s;%s;0' % (label, value, warning or '',
                                    critical or '')
                for label, (value, warning, critical) in figures.items())
        self.app.stdout.write(line + '\n')
        return code

    def _refuse(self, parser, message):
        parser.print_usage(sys.stderr)
        self._say(UNKNOWN, message, {})
        self.app.stdout.flush()
        sys.exit(UNKNOWN)


def _of_target(client, target, nodes, parsed_args):
    now = datetime.datetime.now(datetime.timezone.utc)
    sets = _sets(client, target, nodes, _NEWEST)
    if not sets or parsed_args.verified_within and not _verified(sets):
        sets = _sets(client, target, nodes)
    if not sets:
        return Found(CRITICAL, 'there is no available set', {})
    taken, rows = sets[0]
    age = (now - taken).total_seconds()
    if age < -_AHEAD:
        return Found(UNKNOWN, 'the newest available set is of the future: '
                     'look at the clock of this machine', {})
    found = [_by_age(max(age, 0), parsed_args)]
    if parsed_args.verified_within:
        found.append(_by_verification(sets, now, parsed_args))
    found += _doubts(client, target, rows)
    return Found(max(one.code for one in found),
                 ', '.join(one.text for one in found),
                 {name: value for one in found
                  for name, value in one.figures.items()})


def _sets(client, target, nodes, limit=None):
    """Give (time, backups) of each set of which all backups are available,
    and that has one of each node that there is; newest first."""
    sets = {}
    found = client.list('backup', target=target, sort=find.NEWEST,
                        limit=limit)
    for row in found:
        sets.setdefault(row['set_id'], []).append(row)
    if len(found) == limit:
        del sets[found[-1]['set_id']]  # more of it may follow
    return sorted(
        ((min(_time(row['creation_date']) for row in rows), rows)
         for rows in sets.values()
         if all(row['status'] == 'available'
                and not row.get('missing_nodes') for row in rows)
         and nodes <= {row['node'] for row in rows}),
        key=lambda one: one[0], reverse=True)


def _by_age(age, parsed_args):
    limits = parsed_args.warn_age, parsed_args.max_age
    code = (CRITICAL if age > parsed_args.max_age else WARNING
            if parsed_args.warn_age and age > parsed_args.warn_age else OK)
    return Found(code, 'newest available set %s old' % _human(age),
                 {'age_seconds': (age, *limits)})


def _by_verification(sets, now, parsed_args):
    """Look when all backups of any set were read back last."""
    times = _verified(sets)
    if not times:
        return Found(CRITICAL, 'no set was ever read back', {})
    age = max(0, (now - max(times)).total_seconds())
    within = parsed_args.verified_within
    return Found(CRITICAL if age > within else OK,
                 'last read back %s ago' % _human(age),
                 {'verified_age_seconds': (age, None, within)})


def _verified(sets):
    return [min(_time(row['verified_at']) for row in rows)
            for _taken, rows in sets
            if all(row['verified_at'] for row in rows)]


def _doubts(client, target, rows):
    """Give what should be looked at although there is a set."""
    if any(row.get('suspicions') and not row.get('trusted_at')
           for row in rows):
        yield Found(WARNING, 'that set looks odd', {})
    try:
        schedules = client.list('schedule', target=target, enabled='yes')
    except exceptions.NotFound:
        return  # a service of before 1.1
    for one in schedules:
        if one.get('overdue_since'):
            yield Found(WARNING, 'schedule %s is overdue since %s' % (
                one['name'] or one['id'], one['overdue_since']), {})


def _time(text):
    # In the grammar of Python 3.9, which does not read the Z.
    return datetime.datetime.strptime(text, '%Y-%m-%dT%H:%M:%S.%fZ').replace(
        tzinfo=datetime.timezone.utc)


def _human(seconds):
    for unit, name in ((86400 * 2, 'd'), (3600, 'h'), (60, 'min')):
        if seconds >= unit:
            return '%d %s' % (seconds // min(unit, 86400), name)
    return '%d s' % seconds


def _age(text):
    found = re.fullmatch('([0-9]{1,6})([mhdw])', text)
    if not found or not int(found[1]):
        raise argparse.ArgumentTypeError(
            'must be 1 to 999999 minutes, hours, days or weeks, such as 90m, '
            '26h, 2d or 1w, not %s' % text)
    return int(found[1]) * _UNITS[found[2]]
