# SPDX-License-Identifier: Apache-2.0
"""What a backup has beside the content of its node: the parts of its rescue
image, and the files of the service. They are objects of a node, named by the
SHA-256 of their content, that several of its backups may have in common."""
import hashlib
import itertools

from baas.storage import base
from baas.storage import manifest
from baas.storage.payloads import mismatch

KINDS = {'rescue': 'its rescue image', 'service': 'the files of the service'}
"""Fields of the manifest that name such parts, and what to call them; the
folders of the parts are called so, too."""
_PIECE = 1 << 20  # bytes


def folder(node, kind):
    """Give the folder that parts of a node are in.

    :param kind: one of :data:`KINDS`.
    """
    return f'{node}/{kind}'


def add(storage, node, kind, data):
    """Store a part; again is no error.

    :param data: all of it (bytes).
    :returns: {object, sha256, size} for the manifest.
    """
    digest = hashlib.sha256(data).hexdigest()
    name = f'{folder(node, kind)}/{digest}'
    try:
        storage.write(name, data)
    except base.Exists:
        pass  # it is verified like any other
    return {'object': name, 'sha256': digest, 'size': len(data)}


def verify(job, storage, key, expected):
    """Read back what a backup has of them; what another backup has too was
    read back with that, unless all is to be read.

    :param job: :class:`baas.program.Job`; without "manifest" in it all is.
    :param expected: the manifest of the backup.
    :raises mismatch: it is not what was stored.
    """
    seen = set()
    if expected.get('rescue') and job.get('manifest', dict, None):
        seen = _needed(storage, key, expected['node'])
    for kind, name, told in _named(expected):
        if told['object'] in seen:
            continue
        what = f'{name} of {KINDS[kind]}'
        job.report(97, f'reading back the {what}')
        if read(storage, told, expected, what) is None:
            raise mismatch.of(expected, f'has another {what} than was stored')


def read(storage, told, expected, what='part', keep=None):
    """Read a part back.

    :param told: what :func:`add` has given.
    :param expected: the manifest of the backup.
    :param what: what to call it.
    :param keep: called with its pieces (bytes), as they come.
    :returns: its size (int); None when it is not what was stored.
    :raises mismatch: it is not there.
    """
    digest, size = hashlib.sha256(), 0
    try:
        with storage.open(told['object']) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                if keep is not None:
                    keep(piece)
    except base.Missing:
        raise mismatch.of(expected, f'lacks {told["object"]}')
    is_same = (digest.hexdigest(), size) == (told['sha256'], told['size'])
    return size if is_same else None


def remove(job, storage, key, node):
    """Remove the parts that no backup of a node needs any more.

    Nothing is removed while a manifest cannot be read: what it needs is not
    known then.

    :returns: bytes that are free again (int).
    :raises ManifestError: that is so, and there are parts of rescue images,
        which are large; the others may stay without a word.
    """
    there = {kind: list(storage.list(folder(node, kind))) for kind in KINDS}
    if not any(there.values()):
        return 0
    job.report(95, 'looking for parts that no backup needs')
    try:
        needed, freed = _needed(storage, key, node), 0
    except manifest.ManifestError:
        if there['rescue']:
            raise
        return 0
    for entry in itertools.chain(*there.values()):
        if entry.name not in needed:
            storage.delete(entry.name)
            freed += entry.size
    return freed


def _needed(storage, key, node):
    """Name the objects that manifests of a node refer to (set)."""
    return {told['object'] for backup in manifest.backups(storage, node)
            for _kind, _name, told in _named(
                manifest.read(storage, key, node, backup))}


def _named(found):
    """Give (kind, name, {object, sha256, size}) of what a manifest names."""
    for kind in KINDS:
        for name, told in sorted(found.get(kind, {}).items()):
            yield kind, name, told
