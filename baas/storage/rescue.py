# SPDX-License-Identifier: Apache-2.0
"""Images of rescue systems: objects of a node that several of its backups may
have in common."""
import hashlib

from baas.storage import base
from baas.storage import manifest
from baas.storage.payloads import mismatch

_PIECE = 1 << 20  # bytes


def folder(node):
    """Give the folder that the images of a node are in."""
    return f'{node}/rescue'


def verify(job, storage, key, expected):
    """Read back what a backup has of a rescue image; what another backup has
    too was read back with that, unless all is to be read.

    :param job: :class:`baas.program.Job`; without "manifest" in it all is.
    :param expected: the manifest of the backup.
    :raises mismatch: it is not what the node has stored.
    """
    seen = set()
    if expected.get('rescue') and job.get('manifest', dict, None):
        seen = _needed(storage, key, expected['node'])
    for name, told in sorted(expected.get('rescue', {}).items()):
        if told['object'] in seen:
            continue
        job.report(97, f'reading back the {name} of the rescue image')
        digest, size = hashlib.sha256(), 0
        try:
            with storage.open(told['object']) as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
                    size += len(piece)
        except base.Missing:
            raise mismatch.of(expected, f'lacks {told["object"]}')
        if (digest.hexdigest(), size) != (told['sha256'], told['size']):
            raise mismatch.of(expected, f'has another {name} of its rescue '
                                        'image than the node has stored')


def remove(job, storage, key, node):
    """Remove the images that no backup of a node needs any more.

    Nothing is removed while a manifest cannot be read: what it needs is not
    known then.

    :returns: bytes that are free again (int).
    """
    there = list(storage.list(folder(node)))
    if not there:
        return 0
    job.report(95, 'looking for rescue images that nobody needs')
    needed, freed = _needed(storage, key, node), 0
    for entry in there:
        if entry.name not in needed:
            storage.delete(entry.name)
            freed += entry.size
    return freed


def _needed(storage, key, node):
    """Name the objects that manifests of a node refer to (set)."""
    return {told['object'] for backup in manifest.backups(storage, node)
            for told in manifest.read(storage, key, node, backup).get(
                'rescue', {}).values()}
