# SPDX-License-Identifier: Apache-2.0
"""Which objects a node has in the storage, what they must be, and which of
them are read today."""
import dataclasses
import hashlib
import math

from baas.storage import base
from baas.storage import manifest
from baas.storage import readback


@dataclasses.dataclass(frozen=True)
class Damage:
    """What is wrong with a backup.

    :ivar object: name of the object in the storage.
    :ivar what: what is wrong with it, a few words.
    :ivar files: paths of files of the backup that are hit, the first ones;
        empty where that is not known, or where it is all of them.
    """
    object: str
    what: str
    files: tuple = ()


def manifests(storage, key, node, wanted):
    """Read the manifests of backups.

    :param wanted: {id: SHA-256 of the manifest as it was signed, or None}.
    :returns: ({id: manifest}, {id: :class:`Damage`}); each is in one of them.
    :raises StorageError: the storage failed.
    """
    found, damages = {}, {}
    for id in sorted(wanted):
        name, reason = manifest.path(node, id), None
        try:
            one = manifest.read(storage, key, node, id)
            digest = hashlib.sha256(manifest.canonical(one)).hexdigest()
            if wanted[id] not in (None, digest):
                reason = 'is another than was signed for this backup'
        except base.Missing:
            reason = 'is gone'
        except manifest.ManifestError as error:
            reason = f'cannot be trusted: {error}'
        except base.StorageError as error:
            storage.nodes()
            reason = f'cannot be read: {error}'
        if reason is None:
            found[id] = one
        else:
            damages[id] = Damage(name, reason)
    return found, damages


def of_backup(told):
    """Name the objects that a restore needs beside those of a repository.

    :param told: its manifest.
    :returns: {name: (size in bytes, SHA-256)}.
    """
    parts = list(told.get('rescue', {}).values())
    found = {one['object']: (one['size'], one['sha256']) for one in parts}
    if manifest.kind(told) == 'tar':
        found.update({
            one['name']: (one['size'], one['sha256'])
            for one in (told['payload'][part] for part in ('archive',
                                                           'list'))})
    return found


def of_service(told):
    """Name the objects beside a backup that only who has lost the service
    needs; as :func:`of_backup`."""
    return {one['object']: (one['size'], one['sha256'])
            for one in told.get('service', {}).values()}


def expected(storage, node, known):
    """Name all objects of a node.

    :param known: {id: manifest} of its backups.
    :returns: {name: (size, SHA-256 or None where its name says it)}.
    """
    found = {name: (size, None) for name, size
             in readback.inventory(storage, node).items()}
    for told in known.values():
        found.update({**of_backup(told), **of_service(told)})
    return found


def choose(objects, ages, share, *, since=None, longest=None, faulty=()):
    """Choose what is read: what was not read for the longest time.

    :param objects: sizes by names.
    :param ages: seconds since each was read, by name; one that is not there
        was never read.
    :param share: how much of all bytes is read at least, 0 to 1.
    :param since: what was read less than so many seconds ago is not read
        again; None: nothing is left out. Only of a share of all.
    :param longest: what was read longer ago than that is read whatever the
        share says; None: there is no such limit.
    :param faulty: names that had a fault when they were read last; they are
        always read.
    :returns: names, those that are most due first.
    """
    def age(name):
        return ages.get(name, math.inf)

    due = sorted(objects, key=lambda name: (name not in faulty, -age(name),
                                            name))
    if share >= 1:
        return [name for name in due if name in faulty or since is None
                or age(name) > since]
    enough, chosen, size = share * sum(objects.values()), [], 0
    for name in due:
        overdue = longest is not None and longest < age(name) < math.inf
        if size >= enough and not overdue and name not in faulty:
            continue
        chosen.append(name)
        size += objects[name]
    return chosen
