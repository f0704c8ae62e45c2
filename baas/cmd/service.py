# SPDX-License-Identifier: Apache-2.0
"""baas-manage service ...: the files of the service itself, had back from
beside a backup."""
import contextlib

from oslo_config import cfg

from baas.cmd import catalog as listing
from baas import errors
from baas import keys
from baas.storage import catalog
from baas.storage import driver
from baas.storage import parts
from baas.storage import service_files


def add_commands(commands):
    """Declare the commands.

    :param commands: what :meth:`argparse.ArgumentParser.add_subparsers` gave.
    """
    nouns = commands.add_parser('service', help='the service itself')
    verbs = nouns.add_subparsers(dest='verb', required=True)
    verb = verbs.add_parser(
        'extract', help='write the files of the service that lie beside a '
                        'backup: configuration, inventory, keys')
    verb.add_argument('folder', metavar='FOLDER',
                      help='below which they are written by their paths; / '
                           'for their own places. What is there stays')
    verb.add_argument('--backup', metavar='BACKUP',
                      help='beside which one; without it the newest that has '
                           'any')
    verb.set_defaults(function=extract)


def extract(conf=cfg.CONF):
    """Write the files; give 1 where there are others in their places."""
    asked = conf.command
    key = keys.load(conf.payload.key_file)
    with contextlib.closing(driver.load(conf, key.cloud)) as storage:
        about = _chosen(conf, storage, key, asked.backup)
        pieces = []
        if parts.read(storage, about['service']['archive'], about,
                      keep=pieces.append) is None:
            raise errors.Conflict(
                reason='The files of the service beside backup '
                       f'{about["backup"]} are not what was stored',
                remedy='Take those of another backup, with --backup')
    packed = service_files.unseal(conf, key, b''.join(pieces))
    found = service_files.unpack(packed, asked.folder)
    print(f'backup {about["backup"]} of {about["node"]}, '
          f'{about["created"]}')
    for path, how in sorted(found.items()):
        print(f'{_WORDS[how]}: {path}')
    if 'other' in found.values():
        print('hint: What is there already was left as it is; compare both, '
              'with another FOLDER.')
        return 1
    return 0


_WORDS = {'written': 'written', 'same': 'there already, the same',
          'other': 'not written, another is there'}


def _chosen(conf, storage, key, backup):
    found, refused = catalog.read(storage, key, backup and {backup})
    if not (found or refused or backup):
        raise listing.nothing(conf, storage, key)
    having = [one for one, _digest in found if one.get('service')]
    if having:
        return max(having, key=lambda one: one['created'])
    place = storage.location
    if not backup:
        reason = (f'None of {len(found)} backups on {place} has files of the '
                  'service beside it')
    elif found:
        reason = f'Backup {backup} on {place} has no files of the service'
    else:
        reason = f'There is no backup {backup} on {place}'
    if refused:
        reason += (f'; of those that were refused, {len(refused)}, the first: '
                   f'{next(iter(refused.values())).rstrip(".")}')
    raise errors.Conflict(
        reason=reason,
        remedy='Choose a backup that is newer, and see that [storage] and '
               '[payload] key_file are right')
