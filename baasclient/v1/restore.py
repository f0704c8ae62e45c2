# SPDX-License-Identifier: Apache-2.0
"""openstack restore ...: backups brought back onto machines."""
from osc_lib import exceptions

from baasclient import columns
from baasclient import command
from baasclient import find
from baasclient import http
from baasclient import plan
from baasclient.v1 import backup
from baasclient import wait

FIELDS = (
    ('ID', 'id'), ('Backup ID', 'backup_id'), ('Set ID', 'set_id'),
    ('Target', 'target'), ('Node', 'node'), ('Status', 'status'),
    ('Percent', 'percent'),
    ('Creation Date', 'creation_date'), ('Finished At', 'finished_at'))
FORCE = ('healthy-member', 'other-machine')


class CreateRestore(command.ShowOne):
    """Restore a backup onto its node, or a whole set onto all its nodes."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        _add_what(parser, 'Restore')
        wait.add_options(parser)
        return parser

    def take_action(self, parsed_args):
        """Ask for the restore, and wait for it when told to."""
        wait.check_options(parsed_args)
        client = self.client
        self.ended = None
        job = client.post(_path(client, parsed_args, 'create'),
                          force=','.join(parsed_args.force) or None)
        if parsed_args.wait:
            self.ended = wait.until_end(self, job, parsed_args.timeout)
        else:
            wait.leave(self, job)
        return columns.one(client.get(http.path('restore', job['id'])))

    def run(self, parsed_args):
        """Fail after the restore is shown."""
        code = super().run(parsed_args)
        if self.ended:
            wait.check(self.ended)
        return code


class PlanRestore(command.ShowOne):
    """Show what a restore would do, and do nothing.

    Waits until the machine and the other members have been looked at.
    """

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        _add_what(parser, 'Plan for')
        wait.always(parser)
        return parser

    def take_action(self, parsed_args):
        """Ask for the plan, and wait for it."""
        wait.check_options(parsed_args)
        client = self.client
        job = client.post(_path(client, parsed_args, 'plan'), plan='yes',
                          force=','.join(parsed_args.force) or None)
        self.ended = wait.until_end(self, job, parsed_args.timeout)
        return plan.lay_out(self.ended)

    def run(self, parsed_args):
        """Fail after the plan is shown, when something fails now."""
        code = super().run(parsed_args)
        wait.check(self.ended)
        return code


def _add_what(parser, verb):
    """Add the arguments that say what is restored onto what."""
    parser.add_argument('backup', metavar='<backup>', nargs='?',
                        help='Id of the backup, its name, id of its set, or '
                             '"last" for the newest available backup of the '
                             'node')
    parser.add_argument('node', metavar='<node>', nargs='?',
                        help='Name of the node, its bare metal UUID or name, '
                             'or its instance UUID')
    parser.add_argument('--set', metavar='<set>',
                        help='%s all nodes of a target, in place of one: id '
                             'of the set, the name of its backups, or "last" '
                             'for the newest set of the overcloud of which '
                             'all backups are available' % verb)
    parser.add_argument('--force', metavar='<what>', action='append',
                        choices=FORCE, default=[],
                        help='Do it although it may destroy something: '
                             'healthy-member restores over a node that is a '
                             'healthy member of its cluster, other-machine '
                             'restores onto another machine than the backup '
                             'is of (may be repeated)')


def _path(client, parsed_args, verb):
    """Find what is meant; give the path at which to ask for its restore."""
    source, node = parsed_args.backup, parsed_args.node
    if parsed_args.set and source is None:
        return http.path('restore', find.set_id(client, parsed_args.set))
    if parsed_args.set or source is None or node is None:
        raise exceptions.CommandError(
            'A restore takes a backup and its node, or a whole set.\n'
            'Say: openstack restore %s <backup> <node>, or: openstack '
            'restore %s --set <set>' % (verb, verb))
    if 'other-machine' in parsed_args.force:
        # The node does not say which backup is meant.
        found = find.backup(client, source)
    else:
        found = find.backup_of_node(client, source, node)
    return http.path('restore', found['id'], node)


class ListRestore(command.Lister):
    """List restores, newest first."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        _add_filters(parser, 'Only those')
        parser.add_argument('--backup', metavar='<backup>',
                            help='Only those of the backup with this id')
        find.add_paging(parser)
        return parser

    def take_action(self, parsed_args):
        """Ask for the list."""
        return columns.table(self.client.list(
            'restore', target=parsed_args.target, node=parsed_args.node,
            status=parsed_args.status, backup_id=parsed_args.backup,
            sort=parsed_args.sort, limit=parsed_args.limit,
            marker=parsed_args.marker), FIELDS)


class ShowRestore(command.ShowOne):
    """Show a restore."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('restore', metavar='<restore>',
                            help='Id of the restore')
        return parser

    def take_action(self, parsed_args):
        """Ask for the restore."""
        return columns.one(self.client.get(
            http.path('restore', parsed_args.restore)))


class LastRestore(command.ShowOne):
    """Show the newest restore."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        _add_filters(parser, 'Newest')
        return parser

    def take_action(self, parsed_args):
        """Ask for the restore."""
        return columns.one(self.client.get(
            http.path('restore', 'last'), target=parsed_args.target,
            node=parsed_args.node, status=parsed_args.status))


def _add_filters(parser, which):
    parser.add_argument('--target', metavar='<target>',
                        choices=backup.TARGETS,
                        help='%s of overcloud or undercloud' % which)
    parser.add_argument('--node', metavar='<node>',
                        help='%s of this node, alone or with its set' % which)
    parser.add_argument('--status', metavar='<status>',
                        help='%s in this status: queued, running, '
                             'cancelling, done, error, cancelled' % which)
