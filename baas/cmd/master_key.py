# SPDX-License-Identifier: Apache-2.0
"""baas-manage key ...: the master key."""
import argparse
import os
import sys

from oslo_config import cfg

from baas.cmd import first_key
from baas.db import clouds
from baas.db import migration
from baas import keys

_ENOUGH = 1000  # bytes; a copy has 55


def add_commands(commands):
    """Declare the commands.

    :param commands: what :meth:`argparse.ArgumentParser.add_subparsers` gave.
    """
    nouns = commands.add_parser('key', help='the master key')
    verbs = nouns.add_subparsers(dest='verb', required=True)
    verb = verbs.add_parser(
        'create', help='make it, once, where nothing is stored yet')
    verb.add_argument(
        '--beside-others', action='store_true',
        help='although something is stored: it is all of other clouds')
    verb.set_defaults(function=_make)
    verb = verbs.add_parser(
        'confirm', help='show that it is kept elsewhere, too')
    verb.add_argument(
        'file', metavar='FILE', nargs='?', default='-',
        type=argparse.FileType('rb'),
        help='the copy; without it, or with -, it is read from the standard '
             'input')
    verb.set_defaults(function=_confirm)
    verbs.add_parser(
        'public', help='show what minisign checks signatures of backups with'
    ).set_defaults(function=_show_public)


def _make():
    conf = cfg.CONF
    key = first_key.make(conf, beside=conf.command.beside_others)
    if migration.version():
        clouds.own(conf)
    print(f'{conf.payload.key_file}: {key.fingerprint}, of cloud {key.cloud}')
    print(keys.KEEP, file=sys.stderr)


def _confirm():
    """Compare a copy with the key, and write down that there is one."""
    key, file = clouds.key(cfg.CONF), cfg.CONF.command.file
    if os.path.samestat(os.fstat(file.fileno()),
                        os.stat(cfg.CONF.payload.key_file)):
        raise keys.KeyFileError(
            reason=f'That is the key file {cfg.CONF.payload.key_file} itself, '
                   'and no copy',
            remedy='Give the copy that is kept on another machine, or on '
                   'paper')
    if file.isatty():  # pragma: no cover - there is nobody to type
        print('Type the copy of the master key, and Enter:', file=sys.stderr)
        copy = keys.read_copy(file.readline())
    else:
        copy = keys.read_copy(file.read(_ENOUGH))
    if copy.fingerprint != key.fingerprint:
        raise keys.KeyFileError(
            reason=f'The copy is that of another key, {copy.fingerprint}, and '
                   f'not {key.fingerprint}',
            remedy='Look whether it was mistyped, and which copy that is; '
                   f'else make another one of {cfg.CONF.payload.key_file}')
    clouds.confirm_copy(key)
    print(f'{key.fingerprint}: the copy is the same key')


def _show_public():
    print(clouds.key(cfg.CONF).public_key(), end='')
