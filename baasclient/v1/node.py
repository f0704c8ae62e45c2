# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup node ...: the machines of each target."""
from baasclient import columns
from baasclient import command
from baasclient.v1 import backup

FIELDS = (
    ('Name', 'name'), ('Target', 'target'),
    ('Bare Metal UUID', 'baremetal_uuid'),
    ('Bare Metal Name', 'baremetal_name'),
    ('Instance UUID', 'instance_uuid'),
    ('Problem', 'problem'))


class ListNode(command.Lister):
    """List the nodes that are backed up, and every id they are known by."""

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('--target', metavar='<target>',
                            choices=backup.TARGETS,
                            help='Only those of overcloud or undercloud')
        return parser

    def take_action(self, parsed_args):
        """Ask for the list."""
        return columns.table(
            self.client.list(
                'node', target=parsed_args.target), FIELDS)
