# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup schedule ...: backups that are taken by
themselves."""
from osc_lib import exceptions

from baasclient import columns
from baasclient import command
from baasclient import find
from baasclient import http
from baasclient.v1 import backup
from baasclient.v1 import schedule_options
from baasclient.v1 import schedule_pause
from baasclient import wait

SHORT = (
    ('ID', 'id'), ('Name', 'name'), ('Target', 'target'), ('Cron', 'cron'),
    ('Timezone', 'timezone'), ('Stop All', 'stopall'),
    ('Enabled', 'enabled'), ('Next Run', 'next_run'))
LONG = SHORT + (
    ('Window', 'window'), ('Jitter', 'jitter_seconds'),
    ('Missed', 'missed'), ('Then', 'then'), ('Ping Host', 'ping_host'),
    ('Last Run', 'last_run'), ('Overdue Since', 'overdue_since'),
    ('Creation Date', 'creation_date'), ('Updated At', 'updated_at'))


class CreateSchedule(command.ShowOne):
    """Have backups of a target taken by themselves."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('target', metavar='<target>',
                            choices=backup.TARGETS,
                            help='overcloud or undercloud')
        parser.add_argument('cron', metavar='<cron>',
                            help=schedule_options.CRON)
        schedule_options.add(parser)
        return parser

    def take_action(self, parsed_args):
        """Ask for it."""
        return columns.one(self.client.post(
            http.path('schedule'), json=schedule_options.wanted(parsed_args)))


class SetSchedule(command.ShowOne):
    """Change a schedule."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        schedule_options.add_which(parser)
        parser.add_argument('--target', metavar='<target>',
                            choices=backup.TARGETS,
                            help='overcloud or undercloud')
        parser.add_argument('--cron', metavar='<cron>',
                            help=schedule_options.CRON)
        schedule_options.add(parser)
        return parser

    def take_action(self, parsed_args):
        """Ask for the change of what was seen."""
        wanted = schedule_options.wanted(parsed_args)
        if not wanted:
            raise exceptions.CommandError(
                'Nothing is to be changed.\nSay what, for example with '
                '--cron.')
        return columns.one(_change(self, parsed_args.schedule, wanted))


class ListSchedule(command.Lister):
    """List schedules, oldest first."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('--target', metavar='<target>',
                            choices=backup.TARGETS,
                            help='Only those of overcloud or undercloud')
        parser.add_argument('--name', metavar='<name>',
                            help='Only those with this name')
        enabled = parser.add_mutually_exclusive_group()
        enabled.add_argument('--enabled', action='store_const', const='yes',
                             dest='enabled', help='Only those that have runs')
        enabled.add_argument('--disabled', action='store_const', const='no',
                             dest='enabled',
                             help='Only those that have none')
        find.add_paging(parser)
        parser.add_argument('--long', action='store_true',
                            help='Show more columns')
        return parser

    def take_action(self, parsed_args):
        """Ask for the list."""
        client = self.client
        schedule_pause.tell(self, client.get(
            http.path('schedule', 'pause')))
        found = client.list(
            'schedule', target=parsed_args.target, name=parsed_args.name,
            enabled=parsed_args.enabled, sort=parsed_args.sort,
            limit=parsed_args.limit, marker=parsed_args.marker)
        return columns.table(
            [{**each, 'next_run': (each['next_runs'] or [None])[0],
              'window': '%d min' % each['window_minutes']}
             for each in found], LONG if parsed_args.long else SHORT)


class ShowSchedule(command.ShowOne):
    """Show a schedule, its next runs and its last one."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        schedule_options.add_which(parser)
        return parser

    def take_action(self, parsed_args):
        """Ask for the schedule."""
        return columns.one(find.schedule(self.client,
                                         parsed_args.schedule))


class DeleteSchedule(command.Command):
    """Delete schedules; their backups stay."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        schedule_options.add_which(parser, nargs='+')
        return parser

    def take_action(self, parsed_args):
        """Delete one after another; go on when one cannot be."""
        client = self.client
        _each(self, parsed_args.schedule, 'deleted', lambda one: client.delete(
            http.path('schedule', find.schedule(client, one)['id'])))


class EnableSchedule(command.Command):
    """Let schedules have runs from now on."""

    enabled, done = True, 'enabled'

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        schedule_options.add_which(parser, nargs='+')
        return parser

    def take_action(self, parsed_args):
        """Ask for it, one after another; go on when one cannot be."""
        _each(self, parsed_args.schedule, self.done, lambda one: _change(
            self, one, {'enabled': self.enabled}))


class DisableSchedule(EnableSchedule):
    """Let schedules have no more runs; a job at work goes on."""

    enabled, done = False, 'disabled'


class RunSchedule(wait.ShowJob):
    """Take the backups of a schedule now, enabled or not."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        schedule_options.add_which(parser)
        return parser

    def submit(self, parsed_args):
        """Ask for the backups."""
        client = self.client
        id = find.schedule(client, parsed_args.schedule)['id']
        return client.post(http.path('schedule', id, 'run'))


def _change(command, reference, wanted):
    client = command.client
    seen = find.schedule(client, reference)
    return client.patch(seen, http.path('schedule', seen['id']), wanted)


def _each(command, references, done, act):
    failed, wanted = 0, list(dict.fromkeys(references))
    for reference in wanted:
        try:
            act(reference)
        except (exceptions.CommandError, exceptions.ClientException) as error:
            if len(wanted) == 1:
                raise
            failed += 1
            command.log.error(error)
    if failed:
        raise exceptions.CommandError(
            '%d of %d schedules could not be %s.'
            % (failed, len(wanted), done))
