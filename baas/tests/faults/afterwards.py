# SPDX-License-Identifier: Apache-2.0
"""After all faults: every backup is whole, and one of them restores."""
from oslo_config import cfg

from baas.conf import opts
from baas import errors
from baas import keys
from baas.storage import driver
from baas.storage import manifest
from baas.storage.payloads import restic_cli
from baas.tests.lab import machines
from baas.tests.lab import service as services

IDENTITY = 'cat /etc/machine-id /etc/ssh/ssh_host_*.pub'


def damages(pair):
    """Read all data of all backups that count as whole.

    :returns: what is wrong (list of sentences).
    """
    conf = cfg.ConfigOpts()
    opts.load(['--config-file', str(pair.one.state / 'baas.conf')],
              'baas-standalone', conf)
    key = keys.load(conf.payload.key_file)
    storage = driver.load(conf, key.cloud)
    found = []
    try:
        for node in services.CONTROLLERS:
            with restic_cli.Repository(conf, storage, key, node,
                                       pair.one.state / 'all') as repository:
                try:
                    repository.run('check', '--read-data', '--no-lock')
                except errors.BaasError as error:
                    found.append(str(error))
                known = {one['id'] for one in repository.snapshots()}
            found += _lacking(pair, storage, key, node, known)
    finally:
        storage.close()
    return found


def _lacking(pair, storage, key, node, known):
    for row in pair.backups():
        if row['node'] != node:
            continue
        try:
            payload = manifest.read(storage, key, node, row['id'])['payload']
        except errors.BaasError as error:
            yield str(error)
            continue
        for name in ('snapshot', 'files_snapshot'):
            if payload[name] not in known:
                yield f'backup {row["id"]} of {node} has no {name}'


def restore(pair, test):
    """Restore the oldest backup of a controller onto a blank disk."""
    row = min((row for row in pair.backups() if row['node'] == 'controller-2'),
              key=lambda row: row['creation_date'])
    identity = machines.on('controller-2', IDENTITY)
    services.lab('wreck', 'controller-2')
    services.lab('rescue', 'controller-2')
    job = pair.api.wait(pair.api.submit(
        f'/v1/restore/{row["id"]}/controller-2')['id'])
    test.assertEqual(('done', None), (job['state'], job['error']))
    test.assertEqual([], machines.complaints(60))
    test.assertEqual(identity, machines.on('controller-2', IDENTITY))
