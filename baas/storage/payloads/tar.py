# SPDX-License-Identifier: Apache-2.0
"""Backups that are one encrypted archive each."""
import hashlib
import json

from baas.storage.payloads import decrypted
from baas.storage.payloads import mismatch
from baas.storage.payloads import tools
from baas.storage.payloads import tar_compare

_TASK = 'comparing the archive with the file list'


def require(conf):
    """Make sure that age and zstd are there; give {'age_version'}.

    :raises ConfigurationError: one is missing.
    """
    age, _zstd = (
        tools.ask(program, '--version',
                  remedy='Install age and zstd, and set [payload] age to '
                         'the path of age')
        for program in (conf.payload.age, 'zstd'))
    return {'age_version': age.strip()}


def verify(conf, job, storage, key, expected):
    """Read all of a backup back, and hold each file against the list.

    :param job: :class:`baas.program.Job`.
    :param expected: its manifest.
    :returns: (number of objects that were read back, bytes, seconds since
        all of the backup was read).
    """
    payload, seen = expected['payload'], [0]
    total = payload['archive']['size'] + payload['list']['size']

    def on_read(size):
        seen[0] += size
        job.report(98 * seen[0] / max(total, 1), _TASK, bytes_done=seen[0],
                   bytes_total=total)

    job.report(0, _TASK)
    identity = key.node_identity(expected['node'])
    with decrypted.Opened(conf, storage, identity, expected, 'list',
                          on_read) as listing, decrypted.Opened(
                              conf, storage, identity, expected, 'archive',
                              on_read) as content:
        digest = hashlib.sha256()
        reason = tar_compare.differing(
            _entries(listing, digest), content.file)
        # What was stored is looked at first: it says more.
        listing.finish()
        content.finish()
    if reason is None and digest.hexdigest() != payload['files_sha256']:
        reason = mismatch.LIST
    if reason is not None:
        raise mismatch.of(expected, reason)
    return 2, total, 0.0


def export(conf, storage, key, expected, folder, scratch):
    """Copy all of a backup into a folder, in which it has the same names.

    :param expected: its manifest.
    :param folder: where it goes (:class:`pathlib.Path`).
    :param scratch: folder for what is needed meanwhile.
    :returns: {}: a node finds all by the manifest.
    :raises Mismatch: it is not what was stored.
    """
    for part in ('archive', 'list'):
        told = expected['payload'][part]
        path, digest = folder / told['name'], hashlib.sha256()
        path.parent.mkdir(parents=True, exist_ok=True)
        with storage.open(told['name']) as source, open(path, 'wb') as target:
            while piece := source.read(1 << 20):
                digest.update(piece)
                target.write(piece)
        if digest.hexdigest() != told['sha256']:
            raise mismatch.of(expected, f'is damaged: {told["name"]} is not '
                                        'what was stored')
    return {}


def remove(conf, job, storage, key, node, backups):
    """Remove the folders of backups, with what is not whole in them.

    :param backups: their ids.
    :returns: {'snapshots': 0, 'freed_bytes'}.
    """
    job.report(10, 'removing the archive')
    freed = 0
    for backup in backups:
        folder = f'{node}/tar/{backup}'
        freed += sum(entry.size for entry in storage.list(folder))
        storage.drop(folder)
    return {'snapshots': 0, 'freed_bytes': freed}


def _entries(listing, digest):
    """Yield the entries of a file list, its first line left out."""
    for number, line in enumerate(listing.file):
        digest.update(line)
        if number:
            yield json.loads(line)
