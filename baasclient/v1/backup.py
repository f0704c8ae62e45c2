# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup ...: backups of both targets. The commands of
one target, openstack overcloud backup ... and undercloud, are these with a
target set."""
from osc_lib import exceptions

from baasclient import columns
from baasclient import command
from baasclient import find
from baasclient import http
from baasclient.v1 import protection
from baasclient.v1 import trash
from baasclient import wait

TARGETS = ('overcloud', 'undercloud')
SHORT = (
    ('ID', 'id'), ('Name', 'name'), ('Target', 'target'), ('Node', 'node'),
    ('Status', 'status'), ('Creation Date', 'creation_date'),
    ('Size', 'size_bytes'))
LONG = SHORT + (
    ('Stored', 'stored_bytes'), ('Files', 'files'), ('Stop All', 'stopall'),
    ('Quiesce Mode', 'quiesce_mode'), ('Outage', 'outage_seconds'),
    ('Client Outage', 'client_outage_seconds'),
    ('Verified At', 'verified_at'), ('Set ID', 'set_id'),
    ('Location URL', 'location_url'), ('Error', 'error'),
    ('Protected', 'protected'), ('Expires At', 'expires_at'),
    ('Labels', 'labels'), ('Suspicions', 'suspicions'),
    ('Purge At', 'purge_at'), ('Missing Nodes', 'missing_nodes'))
_OPTIONS = ('name', 'max_outage', 'allow_degraded', 'check_only', 'expires',
            'labels')


class _Command:
    """What commands of one target and of both differ in."""

    target = None

    def filters(self):
        """Give the filter that keeps to the target of the command."""
        return {'target': self.target} if self.target else {}


class CreateBackup(_Command, command.Lister):
    """Take a set: one backup of each node of a target."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        if self.target is None:
            parser.add_argument('target', metavar='<target>',
                                choices=TARGETS,
                                help='overcloud or undercloud')
        parser.add_argument(
            '--name', metavar='<name>', help='What to call the backups')
        stop = parser.add_mutually_exclusive_group()
        stop.add_argument(
            '--stop-all', action='store_true', default=False,
            help='Quiesce all services for some seconds, so that the '
                 'backups of all nodes are of one consistency point')
        stop.add_argument(
            '--no-stop-all', action='store_false', dest='stop_all',
            help='Leave all services running (default)')
        parser.add_argument(
            '--max-outage', metavar='<duration>',
            help='Maximum service outage, e.g. 30s (default: as configured)')
        protection.add_options(parser)
        parser.add_argument(
            '--allow-degraded', action='store_true',
            help='Go without nodes that cannot be reached, if the others '
                 'have quorum: the set is degraded, and counts as no good '
                 'one')
        parser.add_argument(
            '--check-only', action='store_true',
            help='Take none: wait for the checks, and show what to expect')
        wait.add_options(parser)
        return parser

    def take_action(self, parsed_args):
        """Ask for the set, and wait for it when told to."""
        parsed_args.wait = parsed_args.wait or parsed_args.check_only
        wait.check_options(parsed_args)
        client = self.client
        self.ended = None
        options = {name: value for name, value in vars(parsed_args).items()
                   if name in _OPTIONS and value not in (None, False)}
        job = client.post(
            http.path('backup', self.target or parsed_args.target),
            stopall='yes' if parsed_args.stop_all else 'no',
            json=options or None)
        if parsed_args.wait:
            self.ended = wait.until_end(self, job, parsed_args.timeout)
        if parsed_args.check_only:
            return columns.forecast(self.ended)
        backups = client.list('backup', set_id=job['id'], sort='node:asc')
        if parsed_args.wait:
            return columns.table(backups, SHORT)
        wait.leave(self, job)
        return columns.one({
            'id': job['id'], 'state': job['state'], 'target': job['target'],
            'nodes': [backup['node'] for backup in backups],
            'backups': [backup['id'] for backup in backups]})

    def produce_output(self, parsed_args, column_names, data):
        """Show the backups as a list; without them, the job alone."""
        if parsed_args.wait and not parsed_args.check_only:
            return super().produce_output(parsed_args, column_names, data)
        names, chosen = self._generate_columns_and_selector(
            parsed_args, column_names)
        row = [value for name, value in zip(column_names, data)
               if not chosen or name in names]
        if hasattr(self.formatter, 'emit_one'):
            self.formatter.emit_one(names, row, self.app.stdout, parsed_args)
        else:  # csv is for lists only
            self.formatter.emit_list(names, [row], self.app.stdout,
                                     parsed_args)
        return 0

    def run(self, parsed_args):
        """Fail after the backups are shown: some of them may be good."""
        code = super().run(parsed_args)
        if self.ended:
            wait.check(self.ended)
        return code


class ListBackup(_Command, command.Lister):
    """List backups, newest first."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        if self.target is None:
            parser.add_argument('--target', metavar='<target>',
                                choices=TARGETS,
                                help='Only those of overcloud or undercloud')
        parser.add_argument('--node', metavar='<node>',
                            help='Only those of this node')
        parser.add_argument('--status', metavar='<status>',
                            help='Only those in this status: creating, '
                                 'available, error, deleting, trashed')
        trash.add_option(parser)
        parser.add_argument('--name', metavar='<name>',
                            help='Only those with this name')
        parser.add_argument('--set', metavar='<set>',
                            help='Only those of the set with this id')
        protection.add_filter(parser)
        find.add_paging(parser)
        parser.add_argument('--long', action='store_true',
                            help='Show more columns')
        return parser

    def take_action(self, parsed_args):
        """Ask for the list."""
        backups = self.client.list(
            'backup', target=self.target or parsed_args.target,
            node=parsed_args.node, status=parsed_args.status,
            name=parsed_args.name, set_id=parsed_args.set,
            label=parsed_args.labels,
            sort=parsed_args.sort or find.NEWEST, limit=parsed_args.limit,
            marker=parsed_args.marker)
        return columns.table(backups, LONG if parsed_args.long else (
            SHORT + trash.COLUMNS if parsed_args.status == trash.STATUS
            else SHORT))


class ShowBackup(_Command, command.ShowOne):
    """Show a backup."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('backup', metavar='<backup>',
                            help='Id of the backup, or its name when no '
                                 'other has it')
        return parser

    def take_action(self, parsed_args):
        """Ask for the backup."""
        return columns.one(find.backup(
            self.client, parsed_args.backup,
            **self.filters()))


class LastBackup(command.ShowOne):
    """Show the newest available backup."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('--target', metavar='<target>', choices=TARGETS,
                            help='Newest of overcloud or undercloud')
        parser.add_argument('--node', metavar='<node>',
                            help='Newest of this node')
        parser.add_argument('--status', metavar='<status>',
                            help='Newest in this status '
                                 '(default: available)')
        return parser

    def take_action(self, parsed_args):
        """Ask for the backup."""
        return columns.one(self.client.get(
            http.path('backup', 'last'), target=parsed_args.target,
            node=parsed_args.node, status=parsed_args.status))


class DeleteBackup(_Command, command.Command):
    """Delete backups, their stored data included.

    Deletes of one target run one after another: with more than one backup
    the command waits for each but the last, and with --wait for that too.
    Where the service has a trash they are moved there: undelete has them
    back.
    """

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('backups', metavar='<backup>', nargs='*',
                            help='Id of a backup, or its name when no other '
                                 'has it')
        parser.add_argument('--set', metavar='<set>',
                            help='Delete all backups of the set with this id')
        parser.add_argument('--purge', action='store_true',
                            help='Delete at once, and not into the trash')
        wait.add_options(parser)
        return parser

    def take_action(self, parsed_args):
        """Delete one after another; go on when one cannot be deleted."""
        wait.check_options(parsed_args)
        if 'last' in parsed_args.backups:
            raise exceptions.CommandError(
                'Deleting the last backup takes its id.\nShow it with: '
                'openstack control plane backup last')
        wanted = list(dict.fromkeys(parsed_args.backups))
        if parsed_args.set:
            wanted += self._of_set(parsed_args.set, parsed_args.purge)
        if not wanted:
            raise exceptions.CommandError(
                'No backup is named.\nGive ids, or --set with the id of a '
                'set.')
        failed = 0
        for number, reference in enumerate(wanted, 1):
            try:
                self._delete(reference, parsed_args,
                             parsed_args.wait or number < len(wanted))
            except (exceptions.CommandError,
                    exceptions.ClientException) as error:
                if len(wanted) == 1:
                    raise
                failed += 1
                self.log.error(error)
        if failed:
            raise exceptions.CommandError(
                '%d of %d backups could not be deleted.'
                % (failed, len(wanted)))

    def _of_set(self, id, purge):
        client = self.client
        found = client.list('backup', set_id=id, **self.filters())
        if purge:
            found += trash.of_set(client, id, **self.filters())
        if not found:
            raise exceptions.CommandError(
                'There is no set %s.\nList what there is with: openstack '
                'control plane backup list --long' % id)
        return [backup['id'] for backup in found]

    def _delete(self, reference, parsed_args, waits):
        client = self.client
        id = find.backup(client, reference, **self.filters())['id']
        job = client.delete(http.path('backup', id),
                            purge='yes' if parsed_args.purge else None)
        if 'purge_at' in job['options']:
            trash.tell(self, job)
        elif waits:
            wait.check(wait.until_end(self, job, parsed_args.timeout))
        else:
            wait.leave(self, job)
