# SPDX-License-Identifier: Apache-2.0
"""baas-manage catalog ...: the list of backups, made again from a storage."""
import collections
import contextlib
import datetime
import os
import sys

from oslo_config import cfg

from baas.db import catalog as known
from baas.db import clouds
from baas.db import migration
from baas import errors
from baas.jobs import choices
from baas.jobs import measured
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
    conf = cfg.CONF
    dry_run = conf.command.dry_run
    _demand_schema()
    key = clouds.key(conf, settle=False)
    with contextlib.closing(driver.load(conf, key.cloud)) as storage:
        found, refused = catalog.read(storage, key)
        if not found and not refused:
            raise _nothing(conf, storage, key)
        rows = _rows(storage, key.cloud, found, refused)
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
    try:
        _tell(rows, added - gone, refused, dry_run)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who reads has read enough, and all is done.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1 if refused else 0


def _demand_schema():
    if migration.is_absent() or migration.is_behind():
        raise errors.ConfigurationError(
            reason='The database does not have the tables of this version',
            remedy='Run "baas-manage db sync"')


def _nothing(conf, storage, key):
    with contextlib.closing(driver.load(conf, None)) as whole:
        others = sorted(set(whole.nodes()) - {key.cloud})
    there = (f'; there are folders of {", ".join(map(ascii, others[:3]))}'
             if others else '')
    return errors.Conflict(
        reason=f'{storage.location} has no backup of cloud {key.cloud}{there}',
        remedy='See that [storage] leads to the folder with the backups, and '
               'that the key is the one that they were made with')


def _rows(storage, cloud, found, refused):
    """Give the columns of all backups; what makes none is refused."""
    rows = []
    for one, digest in found:
        try:
            row = _row(storage, cloud, one, digest)
            field = manifest.unlike_payload(one) or known.misfit(row)
            wrong = field and f'{field} is not as it should be'
        except KeyError as error:
            wrong = f'{error.args[0]} is missing or unknown'
        except (TypeError, ValueError, AttributeError,
                OverflowError) as error:
            wrong = str(error)
        if wrong:
            refused[manifest.path(one['node'], one['backup'])] = (
                'The manifest says what no backup can have: '
                f'{wrong.encode("unicode_escape").decode()}.')
        else:
            rows.append(row)
    return rows


def _row(storage, cloud, found, digest):
    """Give the columns of a backup from its manifest."""
    payload, mode = found['payload'], found.get('quiesce_mode')
    for name, value, allowed in (
            ('cloud', found.get('cloud', cloud), [cloud]),
            ('target', found['target'], choices.TARGETS),
            ('quiesce_mode', mode, ['stop', 'freeze', 'none', None])):
        if value not in allowed:
            raise ValueError(f'{name} is {value!r}')
    return {
        'id': found['backup'], 'set_id': found['set'], 'name': found['name'],
        'target': found['target'], 'node': found['node'],
        'created_at': _time(found['created']), 'stopall': found['stopall'],
        'cloud_id': cloud, 'location_url': storage.url(found['node']),
        'payload': manifest.kind(found),
        'snapshot': payload.get('snapshot'), 'manifest_sha256': digest,
        'quiesce_mode': None if mode == 'none' else (
            mode or ('stop' if found['stopall'] else None)),
        'set_size': len(found.get('set_nodes', ())) or None,
        'missing_nodes': found.get('missing_nodes'),
        'labels': found.get('labels'), 'expires_at': _time(
            found.get('expires')),
        **{name: payload.get(name) for name in measured.PAYLOAD},
        **{name: found.get(name) for name in measured.OUTAGE}}


def _time(text):
    """Give the naive datetime in UTC of a text, or None of None."""
    return text and datetime.datetime.fromisoformat(
        text).astimezone(datetime.timezone.utc).replace(tzinfo=None)


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
