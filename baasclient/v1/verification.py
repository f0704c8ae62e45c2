# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup verify: what is stored is read back."""
from baasclient import find
from baasclient import http
from baasclient import wait


class VerifyBackup(wait.ShowJob):
    """Read back what is stored of the node of a backup

    It says which backups are damaged, by file; what it has read before it
    was interrupted is not read again.
    """

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('backup', metavar='<backup>',
                            help='Id of the backup, or its name when no '
                                 'other has it')
        parser.add_argument(
            '--share', metavar='<share>',
            help='Read only so much, e.g. 5%% or 1/30, beginning with what '
                 'was not read for the longest time (default: all)')
        return parser

    def submit(self, parsed_args):
        """See :class:`wait.ShowJob`."""
        client = self.app.client_manager.baas
        id = find.backup(client, parsed_args.backup)['id']
        return client.post(
            http.path('backup', id, 'verify'),
            json={'share': parsed_args.share} if parsed_args.share else None)
