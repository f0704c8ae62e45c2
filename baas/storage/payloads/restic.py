# SPDX-License-Identifier: Apache-2.0
"""Backups that are snapshots in a restic repository."""
import hashlib
import math

from baas.storage import base
from baas.storage.payloads import mismatch
from baas.storage.payloads import restic_cli
from baas.storage import readback

FILES = '/files.jsonl'
"""Path of the file list inside its snapshot."""
_LACKING, _REPAIRED = ': does not exist', 'repository contains errors'
PATIENCE = 60
"""Seconds to wait for a lock where somebody comes again anyway, as the next
release does for what is incomplete."""


def require(conf):
    """Make sure that restic is there; give {'restic_version'}."""
    return {'restic_version': restic_cli.version(conf)}


def verify(conf, job, storage, key, expected):
    """Make sure that a backup is stored as it was read.

    :param job: :class:`baas.program.Job`.
    :param expected: its manifest.
    :returns: (number of files that were read back, bytes, seconds since all
        of the repository was read, or None).
    """
    with restic_cli.Repository(conf, storage, key, expected['node'],
                               job.folder) as repository:
        done = _read_back(conf, job, storage, repository)
        _compare(job, repository, expected)
    return done


def export(conf, storage, key, expected, folder, scratch):
    """Copy all of a backup into a repository of its own.

    :param expected: its manifest.
    :param folder: where it goes (:class:`pathlib.Path`).
    :param scratch: folder for what is needed meanwhile.
    :returns: {'snapshot', 'files_snapshot'} as they are called there.
    :raises ResticError: it is not whole, or cannot be copied.
    """
    wanted = {name: expected['payload'][name]
              for name in ('snapshot', 'files_snapshot')}
    with restic_cli.Repository(conf, storage, key, expected['node'],
                               scratch) as repository:
        copied = repository.copy(folder / 'restic', wanted.values())
    return {name: copied[id] for name, id in wanted.items()}


def remove(conf, job, storage, key, node, backups):
    """Remove the snapshots of backups, and data that only they refer to.

    :param backups: their ids.

    :returns: {'snapshots' (how many were removed), 'freed_bytes'}.
    """
    removed, freed = 0, 0
    if _has_repository(storage, node):
        with restic_cli.Repository(conf, storage, key, node,
                                   job.folder) as repository:
            removed = _forget(job, repository, backups)
            if not job.get('incomplete', bool, False):
                freed = _prune(job, repository, storage, node)
    return {'snapshots': removed, 'freed_bytes': freed}


def _read_back(conf, job, storage, repository):
    """Read what is new back; gives (number of files, bytes, age of all)."""
    found = readback.inventory(storage, repository.node)
    before = readback.remembered(job.get('before', str, None))
    new = {name: size for name, size in found.items()
           if name not in set(before)}
    _read_each(conf, job, storage, repository.node, new)
    ages = readback.remembered(job.get('ages', str, None)) or {}
    age = max((ages.get(name, math.inf) for name in found
               if name not in new), default=0.0)
    return len(new), sum(new.values()), None if math.isinf(age) else age


def _read_each(conf, job, storage, node, new):
    task = 'reading back what was stored'
    job.report(0, task)
    done, total = [0, 0], sum(new.values())

    def on_read(name, fault):
        readback.note(job.get('log', str, None), name, new[name], fault)
        done[0] += 1
        done[1] += new[name]
        job.report(70 * done[1] / max(total, 1), task, bytes_done=done[1],
                   bytes_total=total, files_done=done[0])

    # Big files first, so that the threads end at about the same time.
    names = sorted(new, key=new.get, reverse=True)
    readback.demand(node, readback.read(
        storage, names, on_read=on_read,
        threads=conf.verification.files_at_once or readback.THREADS))


def _compare(job, repository, expected):
    payload = expected['payload']
    job.report(70, 'looking for all parts of the backup')
    tag = f'backup={expected["backup"]}'
    known = {snapshot['id']: snapshot.get('tags') or ()
             for snapshot in repository.snapshots()}
    for name in ('snapshot', 'files_snapshot'):
        if tag not in known.get(payload[name], ()):
            raise mismatch.of(expected, f'is not stored: there is no {name} '
                                        f'{payload[name]} with tag {tag}')
    _demand_parts(job, repository, payload)
    job.report(95, 'comparing the file list')
    digest = hashlib.sha256()
    repository.dump(payload['files_snapshot'], FILES, digest.update)
    if digest.hexdigest() != payload['files_sha256']:
        raise mismatch.of(expected, mismatch.LIST)


def _demand_parts(job, repository, payload):
    """Make sure that all parts of a backup are there; of others they may be
    missing, when that is known already."""
    try:
        return repository.check()
    except restic_cli.ResticError as error:
        if not job.get('damaged', bool, False) or (
                _LACKING in error.said or _REPAIRED not in error.said):
            raise
    for name in ('snapshot', 'files_snapshot'):
        repository.walk(payload[name])


def _has_repository(storage, node):
    try:
        storage.open(f'{node}/restic/config').close()
    except base.Missing:
        return False
    return True


def _forget(job, repository, backups):
    job.report(5, 'removing the snapshots')
    # By tag, so that what retries of a capture have left goes as well.
    tags = {f'backup={backup}' for backup in backups}
    ids = [snapshot['id'] for snapshot in repository.snapshots()
           if tags & set(snapshot.get('tags') or ())]
    if ids:
        brief = {'wait': PATIENCE} if job.get('incomplete', bool, False) \
            else {}
        repository.change('forget', *ids, on_wait=_waiting(job, 5), **brief)
    return len(ids)


def _prune(job, repository, storage, node):
    task = 'removing data that no backup refers to'
    job.report(10, task)
    before = readback.inventory(storage, node)
    # Whoever was killed between the two has forgotten but not cleared away:
    # so it is done although there was nothing to forget.
    repository.change('prune', on_wait=_waiting(job, 10))
    job.report(80, 'reading back what was stored anew')
    after = readback.inventory(storage, node)
    readback.demand(node, readback.read(storage, after.keys() - before.keys()))
    return max(0, sum(before.values()) - sum(after.values()))


def _waiting(job, percent):
    return lambda: job.report(percent, 'waiting for another user of the '
                                       'repository')
