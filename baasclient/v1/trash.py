# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup undelete, and what the trash is to other
commands."""
import sys

from osc_lib import exceptions

from baasclient import columns
from baasclient import command
from baasclient import find
from baasclient import http

STATUS = 'trashed'
COLUMNS = (('Purge At', 'purge_at'),)
_SHOWN = (
    ('ID', 'id'), ('Name', 'name'), ('Target', 'target'), ('Node', 'node'),
    ('Status', 'status'), ('Creation Date', 'creation_date'),
    ('Set ID', 'set_id'))


class UndeleteBackup(command.Lister):
    """Have backups back from the trash, as they were."""

    target = None

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('backups', metavar='<backup>', nargs='*',
                            help='Id of a backup, or its name when no other '
                                 'in the trash has it')
        parser.add_argument('--set', metavar='<set>',
                            help='Have all of the set with this id back that '
                                 'is in the trash, or nothing')
        return parser

    def take_action(self, parsed_args):
        """Have one after another back; go on when one cannot be had."""
        if not (parsed_args.backups or parsed_args.set):
            raise exceptions.CommandError(
                'No backup is named.\nGive ids, or --set with the id of a '
                'set.')
        wanted = list(dict.fromkeys(parsed_args.backups))
        self.failed, back = 0, []
        wanted = [(self._one, one) for one in wanted] + (
            [(self._set, parsed_args.set)] if parsed_args.set else [])
        for undelete, reference in wanted:
            try:
                back += undelete(reference)
            except (exceptions.CommandError,
                    exceptions.ClientException) as error:
                if len(wanted) == 1:
                    raise
                self.failed += 1
                self.log.error(error)
        if not back:
            self._check()
        return columns.table(back, _SHOWN)

    def run(self, parsed_args):
        """Fail after what is back is shown."""
        code = super().run(parsed_args)
        self._check()
        return code

    def _check(self):
        if self.failed:
            raise exceptions.CommandError(
                'Not all that was named is back from the trash.')

    def _one(self, reference):
        client = self.client
        if not find.is_id(reference):
            reference = find.backup(client, reference, status=STATUS,
                                    **self._filters())['id']
        elif self.target:  # it is not to be one of the other target
            find.backup(client, reference, **self._filters())
        return [client.post(http.path('backup', reference, 'undelete'))]

    def _set(self, id):
        client = self.client
        found = of_set(client, id, **self._filters())
        if not found:
            raise exceptions.CommandError(
                'Nothing of a set %s is in the trash.\nList what there is '
                'with: openstack control plane backup list --trash --long'
                % id)
        client.post(http.path('backup', found[0]['id'], 'undelete'),
                    whole_set='yes')
        return [client.get(http.path('backup', each['id']))
                for each in found]

    def _filters(self):
        return {'target': self.target} if self.target else {}


def add_option(parser):
    """Add ``--trash`` to a command that lists backups."""
    parser.add_argument('--trash', action='store_const', dest='status',
                        const=STATUS, help='Only those in the trash')


def of_set(client, id, **filters):
    """Give the backups of a set that are in the trash."""
    return client.list('backup', set_id=id, status=STATUS, **filters)


def tell(command, job):
    """Say on standard error how to have a backup back."""
    if command.app.options.verbose_level > 0:
        sys.stderr.write(
            'Backup %(backup_id)s is in the trash until %(until)s.\n'
            'Have it back with: openstack control plane backup undelete '
            '%(backup_id)s\n' % {**job, 'until': job['options']['purge_at']})
