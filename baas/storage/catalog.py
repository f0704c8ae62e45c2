# SPDX-License-Identifier: Apache-2.0
"""Which backups a storage has, by their manifests alone."""
import contextlib
import hashlib

from baas import errors
from baas.storage import base
from baas.storage import manifest


def read(storage, key, wanted=None):
    """Read the manifests of all nodes of a cloud.

    :param storage: :class:`baas.storage.base.Storage` of the cloud.
    :param key: :class:`baas.keys.MasterKey`.
    :param wanted: ids of the backups that are read (set of str); None: all.
    :returns: (found, refused): manifests, each with its SHA-256 (list of
        (dict, str)), and of what proves nothing the reason (sentence) by
        the name of the object or folder.
    :raises baas.storage.base.StorageError: the storage cannot be asked.
    """
    found, refused = [], {}
    for node in sorted(storage.nodes()):
        with _refusing(storage, refused, f'{node}/manifests'):
            for backup in manifest.backups(storage, node):
                if wanted is not None and backup not in wanted:
                    continue
                # It may be deleted meanwhile.
                with _refusing(storage, refused, manifest.path(
                        node, backup)), contextlib.suppress(base.Missing):
                    found.append(_read(storage, key, node, backup))
    return found, refused


@contextlib.contextmanager
def _refusing(storage, refused, name):
    try:
        yield
    except errors.BaasError as error:
        # What stands in the place of an object is no fault of all others,
        # unless it is the storage that fails.
        storage.nodes()
        refused[name] = str(error)


def _read(storage, key, node, backup):
    data = manifest.signed(storage, key, node, backup)
    return (manifest.parse(data, node, backup),
            hashlib.sha256(data).hexdigest())


def ids(storage):
    """Give the ids of all backups of a cloud that have a manifest, whatever
    it says (list of str)."""
    found = []
    for node in storage.nodes():
        with _refusing(storage, {}, node):
            found += manifest.backups(storage, node)
    return found


def gone(storage, found):
    """Tell which of some manifests are not there any more.

    :param found: list of manifests (dict).
    :returns: ids of their backups (set of str).
    """
    there = {node: set(manifest.backups(storage, node))
             for node in {one['node'] for one in found}}
    return {one['backup'] for one in found
            if one['backup'] not in there[one['node']]}
