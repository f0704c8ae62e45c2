# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup coverage: what a set does not hold."""
import sys

from baasclient import command
from baasclient import coverage
from baasclient import find
from baasclient import http


class CoverageBackup(command.Lister):
    """Show what a set does not hold, why, and what of that is new.

    What is new since the set before comes first, what is no gap any more
    comes last.
    """

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'backup', metavar='<backup>',
            help='Id of a set or of one of its backups, of a job that only '
                 'checks, a name that only one set has, or the word last')
        parser.add_argument(
            '--all', action='store_true',
            help='Show also what is harmless, such as file systems of the '
                 'kernel, and all names')
        return parser

    def take_action(self, parsed_args):
        """Ask for it."""
        client = self.client
        found = client.get(http.path(
            'backup', _id(client, parsed_args.backup), 'coverage'))
        if self.app.options.verbose_level > 0:
            for line in coverage.notes(found, parsed_args.all):
                sys.stderr.write(line + '\n')
        return coverage.table(found, parsed_args.all)


def _id(client, reference):
    if find.is_id(reference):
        return reference
    if reference == 'last':
        return find.backup(client, reference)['set_id']
    return find.set_id(client, reference)
