# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup cleanup ...: which sets stay, and what
goes."""
import argparse
import re

from osc_lib import exceptions

from baasclient import columns
from baasclient import command
from baasclient import find
from baasclient import http
from baasclient.v1 import backup
from baasclient.v1 import schedule_options
from baasclient import wait

FIELDS = (
    ('ID', 'id'), ('Name', 'name'), ('Target', 'target'),
    ('Minimum', 'minimum'), ('Within', 'keep_within'), ('Last', 'keep_last'),
    ('Hourly', 'keep_hourly'), ('Daily', 'keep_daily'),
    ('Weekly', 'keep_weekly'), ('Monthly', 'keep_monthly'),
    ('Yearly', 'keep_yearly'), ('Timezone', 'timezone'), ('Cron', 'cron'),
    ('Enabled', 'enabled'), ('Next Run', 'next_run'))
PREVIEW = (('Set ID', 'id'), ('Creation Date', 'creation_date'),
           ('Stays', 'keep'), ('Reasons', 'texts'))
DAYS = (('Date', 'date'), ('Taken', 'taken'), ('Removed', 'removed'),
        ('Sets', 'sets'), ('Stored', 'stored_bytes'))
_COUNTS = ('last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly')
_RULES = ('minimum', 'keep_within', 'timezone',
          *('keep_' + name for name in _COUNTS))
_TIMES = ('cron', 'window_minutes', 'jitter_seconds', 'missed', 'enabled')


class CreateCleanup(command.ShowOne):
    """Make the policy of a target that says which sets stay.

    Without --cron it removes nothing by itself: look at it with preview, then
    run it.
    """

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('target', metavar='<target>',
                            choices=backup.TARGETS,
                            help='overcloud or undercloud')
        parser.add_argument('--name', metavar='<name>',
                            help="What to call it; '' for no name")
        _add_rules(parser)
        schedule_options.add_times(parser)
        return parser

    def take_action(self, parsed_args):
        """Ask for it."""
        return columns.one(self.client.post(
            http.path('cleanup'), json=schedule_options.given(
                parsed_args, ('target', 'name', *_RULES, *_TIMES))))


class ListCleanup(command.Lister):
    """List policies, oldest first."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('--target', metavar='<target>',
                            choices=backup.TARGETS,
                            help='Only that of overcloud or undercloud')
        find.add_paging(parser)
        return parser

    def take_action(self, parsed_args):
        """Ask for the list."""
        found = self.client.list(
            'cleanup', target=parsed_args.target, sort=parsed_args.sort,
            limit=parsed_args.limit, marker=parsed_args.marker)
        return columns.table(
            [{**each, 'next_run': (each.get('next_runs') or [None])[0]}
             for each in found], FIELDS)


class _Which:
    """What commands for one policy have in common."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'cleanup', metavar='<policy>',
            help='Id of a policy, its name, or its target')
        return parser

    def find(self, parsed_args):
        """Give the client, and the policy that is meant."""
        client = self.client
        return client, _find(client, parsed_args.cleanup)


class ShowCleanup(_Which, command.ShowOne):
    """Show a policy."""

    def take_action(self, parsed_args):
        """Ask for the policy."""
        return columns.one(self.find(parsed_args)[1])


class SetCleanup(_Which, command.ShowOne):
    """Change a policy."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('--name', metavar='<name>',
                            help="What to call it; '' for no name")
        _add_rules(parser)
        schedule_options.add_times(parser)
        return parser

    def take_action(self, parsed_args):
        """Ask for the change of what was seen."""
        wanted = schedule_options.given(
            parsed_args, ('name', *_RULES, *_TIMES))
        if not wanted:
            raise exceptions.CommandError(
                'Nothing is to be changed.\nSay what, for example with '
                '--keep-daily.')
        client, seen = self.find(parsed_args)
        return columns.one(client.patch(
            seen, http.path('cleanup', seen['id']), wanted))


class DeleteCleanup(_Which, command.Command):
    """Delete a policy; sets stay."""

    def take_action(self, parsed_args):
        """Ask for it."""
        client, seen = self.find(parsed_args)
        client.delete(http.path('cleanup', seen['id']))


class PreviewCleanup(_Which, command.Lister):
    """Say of each set whether it stays and why, and remove nothing."""

    def take_action(self, parsed_args):
        """Ask for it."""
        client, seen = self.find(parsed_args)
        found = client.get(http.path('cleanup', seen['id'], 'preview'))
        return columns.table([
            {**each, 'texts': [one['text'] for one in each['reasons']]}
            for each in found['sets']], PREVIEW)


class SimulateCleanup(command.Lister):
    """Say how many sets a policy would hold over a year, and their bytes.

    Shown are the days after which the number of sets is another, and the
    last; with --all each day.
    """

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'cleanup', metavar='<policy>', nargs='?',
            help='Id of a policy, its name, or its target, to begin with '
                 '(default, without any rule: 7 daily, 4 weekly and 12 '
                 'monthly sets)')
        _add_rules(parser)
        parser.add_argument('--cron', metavar='<cron>',
                            help='When sets are taken (default: "0 2 * * *")')
        parser.add_argument('--days', metavar='<number>', type=command.whole,
                            help='How many days (default: 365)')
        parser.add_argument('--size', metavar='<bytes>', type=_bytes,
                            dest='size_bytes',
                            help='What a set holds, e.g. 500G; without it '
                                 'what is stored is not known')
        parser.add_argument('--change', metavar='<bytes>', type=_bytes,
                            dest='change_bytes',
                            help='What is new in each set, e.g. 5G '
                                 '(default: 0)')
        parser.add_argument('--all', action='store_true',
                            help='Show each day')
        parser.add_argument('--html', metavar='<file>',
                            help='Write all of it into a file as well, as a '
                                 'page for a browser with drawings')
        return parser

    def take_action(self, parsed_args):
        """Ask for it."""
        client, begin = self.client, {}
        if parsed_args.cleanup:
            found = _find(client, parsed_args.cleanup)
            begin = {name: found[name] for name in _RULES}
        begin.update(schedule_options.given(parsed_args, (
            *_RULES, 'cron', 'days', 'size_bytes', 'change_bytes')))
        days = client.get(http.path('cleanup', 'simulation'), **begin)['days']
        if parsed_args.html:
            _write_page(client, parsed_args.html, begin)
        return columns.table([
            day for number, day in enumerate(days)
            if parsed_args.all or number == len(days) - 1
            or number == 0 or day['sets'] != days[number - 1]['sets']], DAYS)


class RunCleanup(_Which, wait.ShowJob):
    """Delete all sets that a policy does not keep.

    They are in the trash first, unless the service is configured otherwise.
    """

    def submit(self, parsed_args):
        """Ask for the clean-up."""
        client, seen = self.find(parsed_args)
        return client.post(http.path('cleanup', seen['id'], 'run'))


def _add_rules(parser):
    parser.add_argument(
        '--minimum', metavar='<number>', type=command.whole,
        help='How many of the newest good sets stay in any case (new ones: '
             '1), and of the verified ones as many')
    parser.add_argument(
        '--keep-within', metavar='<age>',
        help='Keep what is not older than the newest set by this, e.g. 12h, '
             '30d, 8w or 1y; 0 for no such rule')
    for name in _COUNTS:
        parser.add_argument(
            '--keep-' + name, metavar='<number>', type=command.whole,
            help='Keep the newest sets' if name == 'last' else
            'Keep the newest set of so many %ss' % {
                'hourly': 'hour', 'daily': 'day', 'weekly': 'week',
                'monthly': 'month', 'yearly': 'year'}[name])
    parser.add_argument(
        '--timezone', metavar='<zone>',
        help='Where hours and days begin, and of its times, e.g. '
             'Europe/Berlin (new ones: UTC)')


def _write_page(client, name, asked):
    try:
        page = client.page(http.path('docs', 'simulation'), form='no', **asked)
    except exceptions.NotFound:
        raise exceptions.CommandError(
            'The service has no page of the simulation: it is older, or its '
            'option [api] docs is off.\nLeave --html out.')
    try:
        with open(name, 'w', encoding='utf-8') as file:
            file.write(page)
    except OSError as error:
        raise exceptions.CommandError(
            'The file %s cannot be written: %s.\nName another file with '
            '--html.' % (name, error.strerror))


def _bytes(text):
    found = re.fullmatch('([0-9]{1,15})([KMGT]?)', text)
    if not found:
        raise argparse.ArgumentTypeError(
            'must be a number of bytes, or one with K, M, G or T, of at most '
            '15 digits')
    return int(found[1]) << 10 * ' KMGT'.index(found[2] or ' ')


def _find(client, reference):
    if find.is_id(reference):
        return client.get(http.path('cleanup', reference))
    http.demand_text([reference])
    listed = client.list('cleanup')
    # A target has one policy, and that is what its name means.
    found = [each for each in listed if each['target'] == reference] or [
        each for each in listed if each['name'] == reference]
    if len(found) == 1:
        return found[0]
    raise exceptions.CommandError(
        '%s policy has the id, the name or the target %s.\nList what there '
        'is with: openstack control plane backup cleanup list' % (
            'More than one' if found else 'No', reference or "''"))
