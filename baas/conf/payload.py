# SPDX-License-Identifier: Apache-2.0
"""How the content of a node is stored, its key, what is left out."""
from oslo_config import cfg
from oslo_config import types

from baas import bech32
from baas.conf import place
from baas.node.payloads import restic_cli


class Recipient(types.String):
    """A public key of age."""

    def __call__(self, value):
        value = super().__call__(value)
        if value.upper().startswith('AGE-SECRET-KEY-'):
            raise ValueError('it is a private key of age, which belongs into '
                             'a safe and not here')
        if not bech32.is_whole('age', value):
            raise ValueError('it is no public key of age (age1...), or was '
                             'mistyped')
        return value


GROUP = 'payload'
OPTS = [
    cfg.StrOpt('kind', default='restic', choices=['restic', 'tar'],
               help='How the content of nodes is stored: "restic" in a '
                    'repository for each node, in which later backups add '
                    'only what has changed, or "tar" as one archive a '
                    'backup, as ReaR lays it out. Choose tar when backups '
                    'must be readable without restic; each takes the whole '
                    'room and time again, and all file systems must have '
                    'snapshots. Backups that exist keep the kind they have.'),
    place.option('age', default='/usr/bin/age',
                 help='The age program on the conductor. It encrypts the '
                      'files of the service beside each backup; for kind = '
                      'tar it is pushed to the nodes as it is, so it must '
                      'run on their architecture. Set it when the one of the '
                      'distribution does not run there.'),
    place.option('restic', default='/usr/bin/restic',
                 help='The restic program on the conductor, '
                      f'{restic_cli.MINIMUM} or newer. It is pushed to the '
                      'nodes as it is, so it must be a statically linked '
                      'binary for their architecture. Set it when the one of '
                      'the distribution is older.'),
    place.option('key_file', default='$state_path/key',
                 help='File with the master key, from which the password of '
                      'every repository is derived. "baas-manage key create" '
                      'makes it, or the very first start of baas-standalone. '
                      'Without it no backup can be read: keep a copy '
                      'away from this machine. Set it when the key shall lie '
                      'on another disk; several conductors need the same '
                      'file.'),
    cfg.ListOpt('escrow_recipients', default=[],
                item_type=Recipient(),
                help='Public keys of age (age1...), separated by commas, of '
                     'those who may have the service back without its master '
                     'key: with the private key of one of them, which '
                     '"age-keygen" makes and which belongs into a safe, the '
                     'files of the service beside each backup can be '
                     'opened, the master key among them. Empty: nobody but '
                     'who has a copy of the master key.'),
    cfg.IntOpt('bandwidth', default=0, min=0, max=1 << 20,
               help='MiB a second that a node sends to the storage at most; '
                    '0 for as many as there are. Set it where backups fill a '
                    'network that others need. What is read while services '
                    'are quiesced, for want of snapshots, is not slowed '
                    'down.'),
    cfg.BoolOpt('gentle', default=False,
                help='Whether a capture lets all else on its node go first: '
                     'its programs get a lower priority for processors, and '
                     'for disks whose scheduler has such. Turn it on where '
                     'users notice captures; they take longer on a busy '
                     'node. Not so while services are quiesced.'),
    cfg.IntOpt('processors', default=0, min=0, max=1024,
               help='How many processors restic uses on a node at most; 0 '
                    'for all. Not so while services are quiesced.'),
    cfg.IntOpt('files_at_once', default=0, min=0, max=256,
               help='How many files restic reads on a node at the same time; '
                    '0 for its own default. Raise it for fast disks, lower '
                    'it to 1 for slow ones that others need.'),
    cfg.ListOpt('excludes', default=[],
                help='Patterns of what is left out of backups, as paths on '
                     'the node, with * and ? for parts of a name; for '
                     'example /var/lib/nova/instances. Add big data that is '
                     'backed up elsewhere or can be made again. A restored '
                     'node lacks it.'),
]


def register(conf):
    """Register the options.

    :param conf: an oslo.config ConfigOpts.
    """
    conf.register_opts(OPTS, GROUP)


def list_opts():
    """Give (section, options) pairs."""
    return [(GROUP, OPTS)]
