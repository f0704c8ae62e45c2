# SPDX-License-Identifier: Apache-2.0
"""Whether what is stored was stored with this master key."""
from baas import keys
from baas.storage import base
from baas.storage import manifest


def require(storage, key, path):
    """Make sure that a key is not another one than that of the backups.

    One manifest of each node is looked at, until one was signed with it.

    :param storage: :class:`baas.storage.base.Storage`.
    :param key: :class:`baas.keys.MasterKey`.
    :param path: file of the key.
    :raises KeyFileError: none of them was.
    :raises StorageError: the storage cannot be asked.
    """
    foreign = []
    for node in storage.nodes():
        for backup in manifest.backups(storage, node)[:1]:
            try:
                manifest.signed(storage, key, node, backup)
                return
            except base.Missing:  # pragma: no cover - deleted meanwhile
                continue
            except manifest.ManifestError:
                foreign.append(node)
    if foreign:
        raise keys.KeyFileError(
            reason=f'The key file {path} is not the one that the backups in '
                   f'{storage.location} were made with '
                   f'({", ".join(foreign[:3])})',
            remedy='Put the copy of that key there, or name an empty folder '
                   'of the storage')
