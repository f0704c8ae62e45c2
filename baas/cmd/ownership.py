# SPDX-License-Identifier: Apache-2.0
"""baas-manage storage ...: which service the storage belongs to."""
import contextlib

from oslo_config import cfg

from baas.conductor.steps import owned
from baas.db import clouds
from baas import errors
from baas.storage import driver
from baas.storage import owner


def add_commands(commands):
    """Declare the commands.

    :param commands: what :meth:`argparse.ArgumentParser.add_subparsers` gave.
    """
    nouns = commands.add_parser('storage', help='the storage, and its owner')
    verbs = nouns.add_subparsers(dest='verb', required=True)
    verbs.add_parser(
        'show', help='show where it is, and which service writes there'
    ).set_defaults(function=_show)
    verb = verbs.add_parser(
        'adopt', help='take it over from a service that is gone for good')
    verb.add_argument(
        '--yes', action='store_true',
        help='although it belongs to another service, which must not run any '
             'more')
    verb.add_argument(
        '--copied', action='store_true',
        help='this service runs from a copy of the database of the owner: it '
             'becomes another instance, and the owner is refused from then on')
    verb.set_defaults(function=_adopt)


def _show():
    with _storage() as (storage, key, mine):
        found = owner.read(storage, key)
        for name, value in (
                ('location', storage.location), ('cloud', key.cloud),
                ('instance', f'{mine.instance} (this service)'),
                ('owner', _said(found, mine))):
            print(f'{name + ":":10}{value}')


def _said(found, mine):
    if found is None:
        return 'nobody: the first service that takes a backup'
    after = f', after {found.replaced}' if found.replaced else ''
    return (f'this service, since {found.since}{after}'
            if found.instance == mine.instance else f'{found}{after}')


def _adopt():
    with _storage() as (storage, key, mine):
        seen, was = owner.read(storage, key), ''
        if seen is None:
            owner.claim(storage, key, mine)
        elif cfg.CONF.command.copied or seen.instance != mine.instance:
            _demand_word(storage, seen)
            if cfg.CONF.command.copied:
                clouds.become_another()
                mine = owned.this_service(key)
            owner.adopt(storage, key, mine, seen)
            was = f'; it was that of {seen}'
        print(f'{storage.location} belongs to this service, instance '
              f'{mine.instance}{was}')


def _demand_word(storage, seen):
    if not cfg.CONF.command.yes:
        raise errors.Conflict(
            reason=f'{storage.location} belongs to {seen}',
            remedy='Make sure that this service does not run any more and '
                   'never will, then run "baas-manage storage adopt --yes"')


@contextlib.contextmanager
def _storage():
    conf = cfg.CONF
    key = clouds.key(conf)
    with contextlib.closing(driver.load(conf, key.cloud)) as storage:
        yield storage, key, owned.this_service(key)
