# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup protect, unprotect and trust: what clean-ups
leave alone."""
import argparse

from baasclient import columns
from baasclient import command
from baasclient import find
from baasclient import http

_FIELDS = ('id', 'set_id', 'target', 'node', 'protected', 'suspicions',
           'trusted_at')


class ProtectBackup(command.ShowOne):
    """Have nobody delete a backup, with all others of its set."""

    act = 'protect'

    def get_parser(self, prog_name):
        """Declare the arguments."""
        parser = super().get_parser(prog_name)
        parser.add_argument('backup', metavar='<backup>',
                            help='Id of the backup, or its name when no '
                                 'other has it')
        return parser

    def take_action(self, parsed_args):
        """Ask for it."""
        client = self.client
        id = find.backup(client, parsed_args.backup)['id']
        shown = client.post(http.path('backup', id, self.act))
        return columns.one({name: shown[name] for name in _FIELDS})


class UnprotectBackup(ProtectBackup):
    """Let a backup be deleted again, with all others of its set."""

    act = 'unprotect'


class TrustBackup(ProtectBackup):
    """Say that a backup and its set are as they should be, however odd.

    Clean-ups remove nothing of a target that has a suspicious set which
    nobody trusts.
    """

    act = 'trust'


def add_options(parser):
    """Add the options of a new backup that clean-ups go by."""
    parser.add_argument(
        '--expires', metavar='<when>',
        help='How long clean-ups keep it, e.g. 12h, 30d, 8w or 1y, or until '
             'when, e.g. 2027-01-31T00:00:00Z; they remove it afterwards '
             '(default: as the policy of the target says)')
    parser.add_argument(
        '--label', metavar='<key>=<value>', dest='labels', action=_Label,
        help='What else to call it by (repeat for more)')


def add_filter(parser):
    """Add the option that lists have for labels."""
    parser.add_argument(
        '--label', metavar='<key>=<value>', dest='labels', action='append',
        type=_filter, help='Only those with this label (repeat for more, of '
                           'which all must be there)')


def _filter(text):
    key, equals, value = text.partition('=')
    if not (key and equals):
        raise argparse.ArgumentTypeError(
            'must be <key>=<value>, not %s' % text)
    return '%s:%s' % (key, value)


class _Label(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        key, equals, value = values.partition('=')
        if not (key and equals):
            parser.error('argument --label: must be <key>=<value>, not %s'
                         % values)
        if key in (getattr(namespace, self.dest) or {}):
            parser.error('argument --label: the key %s is there twice' % key)
        setattr(namespace, self.dest, {
            **(getattr(namespace, self.dest) or {}), key: value})
