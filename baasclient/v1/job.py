# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup job ...: work that is queued, under way or
over."""
import json
import time

from osc_lib import exceptions

from baasclient import columns
from baasclient import command
from baasclient import find
from baasclient import http
from baasclient.v1 import backup
from baasclient import wait

FIELDS = (
    ('ID', 'id'), ('Kind', 'kind'), ('Target', 'target'), ('Node', 'node'),
    ('State', 'state'), ('Step', 'step'), ('Percent', 'percent'),
    ('Creation Date', 'creation_date'), ('Finished At', 'finished_at'))
LOG = (
    ('Time', 'created_at'), ('Level', 'level'), ('Step', 'step'),
    ('Node', 'node'), ('Message', 'message'))


class ListJob(command.Lister):
    """List jobs, newest first."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('--target', metavar='<target>',
                            choices=backup.TARGETS,
                            help='Only those of overcloud or undercloud')
        parser.add_argument('--node', metavar='<node>',
                            help='Only those that work on this node alone')
        parser.add_argument('--kind', metavar='<kind>',
                            help='Only those of this kind: backup, check, '
                                 'restore, restore-set, restore-plan, '
                                 'restore-set-plan, delete, verify, '
                                 'spotcheck, cleanup, purge, boot-cleanup')
        parser.add_argument('--state', metavar='<state>',
                            help='Only those in this state: queued, running, '
                                 'cancelling, done, error, cancelled')
        find.add_paging(parser)
        return parser

    def take_action(self, parsed_args):
        """Ask for the list."""
        return columns.table(self.client.list(
            'job', target=parsed_args.target, node=parsed_args.node,
            kind=parsed_args.kind, state=parsed_args.state,
            sort=parsed_args.sort, limit=parsed_args.limit,
            marker=parsed_args.marker), FIELDS)


class ShowJob(command.ShowOne):
    """Show a job, its steps and its error."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('job', metavar='<job>', help='Id of the job')
        return parser

    def take_action(self, parsed_args):
        """Ask for the job."""
        return columns.one(self.client.get(
            http.path('job', parsed_args.job)))


class CancelJob(command.ShowOne):
    """Stop a job, and have what it began undone."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('job', metavar='<job>', help='Id of the job')
        wait.add_options(parser)
        return parser

    def take_action(self, parsed_args):
        """Ask for it, and wait until it is undone when told to."""
        wait.check_options(parsed_args)
        client = self.client
        job = client.post(http.path('job', parsed_args.job, 'cancel'))
        if parsed_args.wait:
            job = wait.until_end(self, job, parsed_args.timeout)
            if job['state'] != 'cancelled':
                wait.check(job)
        return columns.one({name: job[name] for name in (
            'id', 'kind', 'target', 'state')})


class LogJob(command.Lister):
    """Show the log of a job, oldest line first."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('job', metavar='<job>', help='Id of the job')
        parser.add_argument('--limit', metavar='<number>', type=command.whole,
                            help='How many lines at most (default: all)')
        parser.add_argument('--marker', metavar='<id>',
                            help='Begin after the line with this id')
        parser.add_argument('--follow', action='store_true',
                            help='Print lines as they come until the job has '
                                 'ended: text, or with -f json one object '
                                 'a line')
        return parser

    def take_action(self, parsed_args):
        """Ask for the log."""
        return columns.table(self._lines(parsed_args), LOG)

    def run(self, parsed_args):
        """Print the log, as one table or line by line."""
        if not parsed_args.follow:
            return super().run(parsed_args)
        if parsed_args.limit is not None or (
                parsed_args.formatter not in ('table', 'value', 'json')):
            raise exceptions.CommandError(
                '--follow prints lines until the job has ended.\nUse it '
                'without --limit and with -f table, value or json.')
        self._follow(parsed_args)
        return 0

    def _lines(self, parsed_args):
        return self.client.items(
            http.path('job', parsed_args.job, 'log'), 'events',
            limit=parsed_args.limit, marker=parsed_args.marker)

    def _follow(self, parsed_args):
        client = self.client
        while True:
            # The state first: lines written before the end are then seen.
            state = client.get(http.path('job', parsed_args.job))['state']
            for event in self._lines(parsed_args):
                parsed_args.marker = event['id']
                self.app.stdout.write(
                    _sentence(event) if parsed_args.formatter != 'json'
                    else json.dumps(event) + '\n')
            self.app.stdout.flush()
            if state in wait.FINAL:
                return
            time.sleep(wait.PAUSE)


def _sentence(event):
    words = [event['created_at'], event['level'], event['step'],
             event['node'], event['message']]
    return columns.printable(
        '  '.join(word for word in words if word)) + '\n'
