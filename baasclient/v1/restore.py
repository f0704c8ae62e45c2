# SPDX-License-Identifier: Apache-2.0
"""openstack restore ...: backups brought back onto machines."""
from osc_lib import exceptions

from baasclient import columns
from baasclient import command
from baasclient import find
from baasclient import http
from baasclient.v1 import backup
from baasclient import wait

FIELDS = (
    ('ID', 'id'), ('Backup ID', 'backup_id'), ('Set ID', 'set_id'),
    ('Target', 'target'), ('Node', 'node'), ('Status', 'status'),
    ('Percent', 'percent'),
    ('Creation Date', 'creation_date'), ('Finished At', 'finished_at'))


class CreateRestore(command.ShowOne):
    """Restore a backup onto its node, or a whole set onto all its nodes"""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('backup', metavar='<backup>', nargs='?',
                            help='Id of the backup, its name, id of its set, '
                                 'or "last" for the newest available backup '
                                 'of the node')
        parser.add_argument('node', metavar='<node>', nargs='?',
                            help='Name of the node, its bare metal UUID or '
                                 'name, or its instance UUID')
        parser.add_argument('--set', metavar='<set>',
                            help='Restore all nodes of a target, in place of '
                                 'one: id of the set, the name of its '
                                 'backups, or "last" for the newest set of '
                                 'the overcloud of which all backups are '
                                 'available')
        wait.add_options(parser)
        return parser

    def take_action(self, parsed_args):
        """Ask for the restore, and wait for it when told to."""
        wait.check_options(parsed_args)
        client = self.app.client_manager.baas
        self.ended = None
        job = client.post(_path(client, parsed_args))
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


def _path(client, parsed_args):
    """Find what is meant; give the path at which to ask for its restore."""
    source, node = parsed_args.backup, parsed_args.node
    if parsed_args.set and source is None:
        return http.path('restore', find.set_id(client, parsed_args.set))
    if parsed_args.set or source is None or node is None:
        raise exceptions.CommandError(
            'A restore takes a backup and its node, or a whole set.\n'
            'Say: openstack restore create <backup> <node>, or: openstack '
            'restore create --set <set>')
    return http.path('restore', find.backup_of_node(client, source,
                                                    node)['id'], node)


class ListRestore(command.Lister):
    """List restores, newest first"""

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
        return columns.table(self.app.client_manager.baas.list(
            'restore', target=parsed_args.target, node=parsed_args.node,
            status=parsed_args.status, backup_id=parsed_args.backup,
            sort=parsed_args.sort, limit=parsed_args.limit,
            marker=parsed_args.marker), FIELDS)


class ShowRestore(command.ShowOne):
    """Show a restore"""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('restore', metavar='<restore>',
                            help='Id of the restore')
        return parser

    def take_action(self, parsed_args):
        """Ask for the restore."""
        return columns.one(self.app.client_manager.baas.get(
            http.path('restore', parsed_args.restore)))


class LastRestore(command.ShowOne):
    """Show the newest restore"""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        _add_filters(parser, 'Newest')
        return parser

    def take_action(self, parsed_args):
        """Ask for the restore."""
        return columns.one(self.app.client_manager.baas.get(
            http.path('restore', 'last'), target=parsed_args.target,
            node=parsed_args.node, status=parsed_args.status))


def _add_filters(parser, which):
    parser.add_argument('--target', metavar='<target>',
                        choices=backup.TARGETS,
                        help='%s of overcloud or undercloud' % which)
    parser.add_argument('--node', metavar='<node>',
                        help='%s of this node' % which)
    parser.add_argument('--status', metavar='<status>',
                        help='%s in this status: queued, running, '
                             'cancelling, done, error, cancelled' % which)
