# SPDX-License-Identifier: Apache-2.0
"""baas-manage catalog ...: the list of backups, made again from a storage."""
import collections
import contextlib
import os
import sys

from oslo_config import cfg

from baas.db.catalog import manifests as known
from baas.db import clouds
from baas.db import migration
from baas import errors
from baas.requests import stored
from baas.storage import catalog
from baas.storage import driver
from baas.storage import manifest


def add_commands(commands):
    """Declare the commands.

    :param commands: what :meth:`argparse.ArgumentParser.add_subparsers` gave.
    """
    nouns = commands.add_parser('catalog', help='the list of backups')
    verbs = nouns.add_subparsers(dest='verb', required=True)
    verb = verbs.add_parser(
        'import', help='add the backups that the storage has and the database '
                       'does not know')
    verb.add_argument('--dry-run', action='store_true',
                      help='only show which these are')
    verb.set_defaults(function=_import)


def _import():
    """Add what is not known; give 1 where something was refused."""
    dry_run = cfg.CONF.command.dry_run
    rows, added, refused = bring_in(cfg.CONF, dry_run)
    try:
        _tell(rows, added, refused, dry_run)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who reads has read enough, and all is done.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1 if refused else 0


def bring_in(conf, dry_run=False):
    """Add the backups that the storage has and the database does not know.

    :param dry_run: True to write nothing.
    :returns: (rows, added, refused): the columns of all that can be had (list
        of dicts), ids of those that are new (set of str), and the reasons of
        what was refused, by their names (dict of sentences).
    :raises ConfigurationError: the database has not the tables of this
        version.
    :raises Conflict: the storage has none.
    """
    _demand_schema()
    key = clouds.key(conf, settle=False)
    with contextlib.closing(driver.load(conf, key.cloud)) as storage:
        found, refused = catalog.read(storage, key)
        if not found and not refused:
            raise nothing(conf, storage, key)
        rows, impossible = stored.rows(storage, key.cloud, found)
        refused.update(impossible)
        if rows and not dry_run:
            clouds.key(conf)
        added, other = known.add(rows, dry_run=dry_run)
        # Who deletes a backup removes its manifest first.
        gone = catalog.gone(storage, [
            one for one, _ in found if one['backup'] in added])
        if gone and not dry_run:
            known.take_back(gone)
    refused.update({
        manifest.path(row['node'], row['id']):
        'The backup is known here with another manifest.'
        for row in rows if row['id'] in other})
    return rows, added - gone, refused


def _demand_schema():
    if migration.is_absent() or migration.is_behind():
        raise errors.ConfigurationError(
            reason='The database does not have the tables of this version',
            remedy='Run "baas-manage db sync"')


def nothing(conf, storage, key):
    """Make the error of a storage that has no backup of a cloud."""
    with contextlib.closing(driver.load(conf, None)) as whole:
        others = sorted(set(whole.nodes()) - {key.cloud})
    there = (f'; there are folders of {", ".join(map(ascii, others[:3]))}'
             if others else '')
    return errors.Conflict(
        reason=f'{storage.location} has no backup of cloud {key.cloud}{there}',
        remedy='See that [storage] leads to the folder with the backups, and '
               'that the key is the one that they were made with')


def _tell(rows, added, refused, only_shown):
    sets = collections.defaultdict(list)
    for row in sorted(rows, key=lambda row: (row['created_at'], row['node'])):
        if row['id'] in added:
            sets[row['set_id']].append(row)
    for id, members in sets.items():
        print(id, members[0]['created_at'].strftime('%Y-%m-%dT%H:%M:%SZ'),
              members[0]['target'], *(row['node'] for row in members))
    for name, reason in sorted(refused.items()):
        print(f'refused: {ascii(name)[1:-1]}: {reason}')
    print(f'{"would be added" if only_shown else "added"}: {len(added)} '
          f'(sets: {len(sets)}), known already: {len(rows) - len(added)}, '
          f'refused: {len(refused)}')
    if refused:
        print('hint: Find out who or what has changed what is refused; all '
              'else counts.')
