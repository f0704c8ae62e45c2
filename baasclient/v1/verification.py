# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup verify and spot check: whether what is stored
is what was stored, and whether that was the right thing."""
from baasclient import find
from baasclient import http
from baasclient import wait


class VerifyBackup(wait.ShowJob):
    """Read back what is stored of the node of a backup.

    It says which backups are damaged, by file; what it has read before it
    was interrupted is not read again.
    """

    act = 'verify'
    share = ('Read only so much, e.g. 5%% or 1/30, beginning with what was '
             'not read for the longest time (default: all)')

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('backup', metavar='<backup>',
                            help='Id of the backup, or its name when no '
                                 'other has it')
        parser.add_argument('--share', metavar='<share>', help=self.share)
        return parser

    def submit(self, parsed_args):
        """See :class:`wait.ShowJob`."""
        client = self.client
        id = find.backup(client, parsed_args.backup)['id']
        return client.post(
            http.path('backup', id, self.act),
            json={'share': parsed_args.share} if parsed_args.share else None)


class SpotCheckBackup(VerifyBackup):
    """Compare some files of a backup with its node as it is now.

    Files that were touched after the backup do not count against it.
    """

    act = 'spot-check'
    share = ('Compare so many of the files, e.g. 1%% or 1/1000 (default: as '
             'configured)')
