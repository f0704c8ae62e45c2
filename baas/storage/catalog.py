# SPDX-License-Identifier: Apache-2.0
"""Which backups a storage has, by their manifests alone."""
import hashlib

from baas.storage import base
from baas.storage import manifest


def read(storage, key):
    """Read the manifests of all nodes of a cloud.

    :param storage: :class:`baas.storage.base.Storage` of the cloud.
    :param key: :class:`baas.keys.MasterKey`.
    :returns: (found, refused): manifests, each with its SHA-256 (list of
        (dict, str)), and of those that prove nothing the reason (sentence) by
        the name of the object.
    :raises baas.storage.base.StorageError: the storage cannot be asked.
    """
    found, refused = [], {}
    for node in sorted(storage.nodes()):
        for backup in manifest.backups(storage, node):
            try:
                data = manifest.signed(storage, key, node, backup)
                found.append((manifest.parse(data, node, backup),
                              hashlib.sha256(data).hexdigest()))
            except base.Missing:  # pragma: no cover - deleted meanwhile
                continue
            except manifest.ManifestError as error:
                refused[manifest.path(node, backup)] = str(error)
    return found, refused


def ids(storage):
    """Give the ids of all backups of a cloud that have a manifest, whatever
    it says (list of str)."""
    return [backup for node in storage.nodes()
            for backup in manifest.backups(storage, node)]


def gone(storage, found):
    """Tell which of some manifests are not there any more.

    :param found: list of manifests (dict).
    :returns: ids of their backups (set of str).
    """
    there = {node: set(manifest.backups(storage, node))
             for node in {one['node'] for one in found}}
    return {one['backup'] for one in found
            if one['backup'] not in there[one['node']]}
