# SPDX-License-Identifier: Apache-2.0
"""``python -m baas.storage.remove``: removes one backup of one node, or what
a failed one has left; again is no error.

Job file: {"node", "backup", "others": ids of more that go with it,
"incomplete": true to leave data that no backup refers to for a later removal
to clear away}. An incomplete backup that turns out to be whole is left as it
is: what its manifest says is given as ``whole``."""
import hashlib
import sys

from baas import keys
from baas import manifest
from baas.storage import base
from baas.storage import driver
from baas.storage import program
from baas.storage import readback
from baas.storage import restic


def work(conf, job):
    """Remove manifest, snapshots and data of one backup, or of several.

    :returns: {backup, node, snapshots (how many were removed), freed_bytes}.
    """
    node, backup = job.get('node', str), job.get('backup', str)
    every = [backup, *job.get('others', list, [])]
    incomplete = job.get('incomplete', bool, False)
    key = keys.load(conf.payload.key_file)
    storage = driver.load(conf)
    removed, freed, more = 0, 0, {}
    try:
        if incomplete:
            whole = manifest.backups(storage, node)
            every = [one for one in every if one not in whole]
            if backup in whole:
                more = {'whole': _whole(storage, key, node, backup)}
        job.tell(0, 'removing the manifest')
        for one in every:
            manifest.remove(storage, node, one)
        if every and _has_repository(storage, node):
            with restic.Repository(conf, storage, key, node,
                                   job.folder) as repository:
                removed = _forget(job, repository, every)
                if not incomplete:
                    freed = _prune(job, repository, storage, node)
    finally:
        storage.close()
    return {'backup': backup, 'node': node, 'snapshots': removed,
            'freed_bytes': freed, **more}


def _whole(storage, key, node, backup):
    signed = manifest.read(storage, key, node, backup)
    digest = hashlib.sha256(manifest.canonical(signed)).hexdigest()
    return {'manifest_sha256': digest, **{
        name: signed['payload'][name]
        for name in ('snapshot', 'size_bytes', 'files', 'stored_bytes')}}


def _has_repository(storage, node):
    try:
        storage.open(f'{node}/restic/config').close()
    except base.Missing:
        return False
    return True


def _forget(job, repository, backups):
    job.tell(5, 'removing the snapshots')
    # By tag, so that what retries of a capture have left goes as well.
    tags = {f'backup={backup}' for backup in backups}
    ids = [snapshot['id'] for snapshot in repository.snapshots()
           if tags & set(snapshot.get('tags') or ())]
    if ids:
        repository.change('forget', *ids, on_wait=_waiting(job, 5))
    return len(ids)


def _prune(job, repository, storage, node):
    task = 'removing data that no backup refers to'
    job.tell(10, task)
    before = readback.inventory(storage, node)
    # Whoever was killed between the two has forgotten but not cleared away:
    # so it is done although there was nothing to forget.
    repository.change('prune', on_wait=_waiting(job, 10))
    job.tell(80, 'reading back what was stored anew')
    after = readback.inventory(storage, node)
    readback.demand(node, readback.read(storage, after.keys() - before.keys()))
    return max(0, sum(before.values()) - sum(after.values()))


def _waiting(job, percent):
    return lambda: job.tell(percent, 'waiting for another user of the '
                                     'repository')


if __name__ == '__main__':
    sys.exit(program.main('remove', work))
