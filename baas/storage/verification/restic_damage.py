# SPDX-License-Identifier: Apache-2.0
"""What damaged objects of a restic repository mean for the backups in it."""
import hashlib
import json
import re

from baas.node.payloads import restic_cli as program
from baas.storage import base
from baas.storage.payloads import mismatch
from baas.storage.payloads import restic_cli
from baas.storage import readback
from baas.storage.verification import objects

_LACKING = re.compile(
    r'^pack ([0-9a-f]{64}): (does not exist|unexpected file size.*)$', re.M)
_DAMAGED = re.compile(
    'repository contains errors|invalid data returned|is damaged|'
    'ciphertext verification failed')
_HIT = re.compile(r'{"object_type":')
_UNREAD = re.compile(r'Unable to load tree ([0-9a-f]{64})\s+[.]{3} which '
                     r'belongs to snapshot ([0-9a-f]{64})')
_MOST = 500  # blobs in one command line
_SHOWN = 20  # files of one object that are named
_INCOMPLETE = 'lacks a part'


class Look:
    """One look at the repository of a node.

    :param repository: :class:`restic_cli.Repository`, entered.
    :param manifests: {id: manifest} of the backups in it.
    :param faults: the :class:`readback.Fault` of its objects.

    :ivar damages: {id of a backup: list of :class:`objects.Damage`}.
    :ivar lacking: :class:`readback.Fault` of objects that are not there any
        more, or are of another size.
    :ivar unneeded: names of damaged objects that no backup needs.
    """

    def __init__(self, repository, storage, manifests, faults):
        self._repository, self._storage = repository, storage
        self._manifests = manifests
        self._faults = {fault.name: fault for fault in faults}
        self._folder = f'{repository.node}/restic'
        self._of_snapshot = {
            told['payload'][name]: (id, name)
            for id, told in manifests.items()
            for name in ('snapshot', 'files_snapshot')}
        self.damages = {}
        self.lacking, self.unneeded = [], []

    def take(self):
        """Look.

        :returns: self.
        :raises ResticError: restic failed, and nothing says that it was for
            damage.
        """
        said = self._check()
        for fault in self._shared():
            # Without its index, nothing of a repository can be found.
            for id in self._manifests:
                self._add(id, fault)
        if self._shared():
            return self
        self._look_for_snapshots()
        packs = {fault.name.rpartition('/')[2]: fault
                 for fault in self._faults.values() if '/data/' in fault.name}
        if packs:
            self._look_for_files(packs)
        if packs or said:
            self._look_for_gaps()
        return self

    def _shared(self):
        """Give the faults of what all backups need."""
        return [fault for name, fault in sorted(self._faults.items())
                if '/data/' not in name and '/snapshots/' not in name]

    def _check(self):
        """Have restic look for all parts; gives what it complains about."""
        if not self._can_be_opened():
            return ''
        try:
            self._repository.check()
            return ''
        except restic_cli.ResticError as error:
            self._storage.nodes()
            if error.status == program.OTHER_PASSWORD:
                # Our key it is: it has signed the manifests.
                self._lacks(f'{self._folder}/keys',
                            'cannot be opened with the master key')
                return error.said
            if not _DAMAGED.search(error.said):
                raise
            found = error
        for id, reason in _LACKING.findall(found.said):
            name = f'{self._folder}/data/{id[:2]}/{id}'
            if name not in self._faults:
                self._lacks(name, 'is gone' if 'not exist' in reason
                            else 'has another size than was written')
        if not self._faults and 'config or key' in found.said:
            self._lacks(f'{self._folder}/config',
                        'has another content than was written')
        return found.said

    def _can_be_opened(self):
        names = list(readback.inventory(self._storage,
                                        self._repository.node))
        if not any('/keys/' in name for name in names):
            self._lacks(f'{self._folder}/keys', 'is gone')
        try:
            self._storage.open(f'{self._folder}/config').close()
        except base.Missing:
            self._lacks(f'{self._folder}/config', 'is gone')
        return not self._shared()

    def _lacks(self, name, reason):
        self._faults[name] = readback.Fault(name, reason)
        self.lacking.append(self._faults[name])

    def _look_for_snapshots(self):
        known = {one['id']: one.get('tags') or ()
                 for one in self._repository.snapshots()}
        for snapshot, (id, _part) in sorted(self._of_snapshot.items()):
            if f'backup={id}' in known.get(snapshot, ()):
                continue
            name = f'{self._folder}/snapshots/{snapshot}'
            if name not in self._faults:
                self._lacks(name, 'is gone' if snapshot not in known
                            else 'is that of another backup')
            self._add(id, self._faults[name])

    def _look_for_files(self, packs):
        blobs = {}
        for name in readback.inventory(self._storage, self._repository.node):
            if '/index/' in name:
                self._index(name.rpartition('/')[2], packs, blobs)
        hits = {}
        for kind in ('blob', 'tree'):
            ids = sorted(id for id, (_pack, type) in blobs.items()
                         if (type == 'tree') == (kind == 'tree'))
            for begin in range(0, len(ids), _MOST):
                for id, snapshot, path in self._find(
                        kind, ids[begin:begin + _MOST]):
                    if id in blobs:
                        hits.setdefault((blobs[id][0], snapshot),
                                        set()).update(path)
        for (pack, snapshot), paths in sorted(hits.items()):
            if snapshot in self._of_snapshot:
                id, part = self._of_snapshot[snapshot]
                self._add(id, packs[pack], paths if part == 'snapshot'
                          else ['(file list)'])
        hit = {pack for pack, _snapshot in hits}
        self.unneeded = [packs[pack].name for pack in sorted(packs)
                         if pack not in hit]

    def _index(self, id, packs, blobs):
        found = json.loads(self._repository.run('cat', '--no-lock', 'index',
                                                id))
        for pack in found.get('packs') or ():
            if pack['id'] in packs:
                blobs.update({blob['id']: (pack['id'], blob['type'])
                              for blob in pack['blobs']})

    def _find(self, kind, ids):
        words = [word for id in ids for word in (f'--{kind}', id)]
        said = self._repository.run('find', '--no-lock', '--json', *words)
        # Between the objects it complains, in words, of what it cannot read.
        decoder = json.JSONDecoder()
        for match in _HIT.finditer(said):
            hit = decoder.raw_decode(said, match.start())[0]
            yield hit['id'], hit['snapshot'], [hit['path']]
        for id, snapshot in _UNREAD.findall(said):
            yield id, snapshot, []

    def _look_for_gaps(self):
        """See of each backup whether all of it can be found in the index."""
        for snapshot, (id, _part) in sorted(self._of_snapshot.items()):
            try:
                self._repository.walk(snapshot)
            except restic_cli.ResticError as error:
                self._storage.nodes()
                if id not in self.damages:
                    self._add(id, readback.Fault(
                        f'{self._folder}/snapshots/{snapshot}',
                        f'{_INCOMPLETE}: {error.values["reason"]}'))

    def _add(self, id, fault, paths=()):
        more = len(paths) - _SHOWN
        files = tuple(sorted(paths)[:_SHOWN]) + (
            (f'and {more} more',) if more > 0 else ())
        self.damages.setdefault(id, []).append(
            objects.Damage(fault.name, fault.reason, files))


def of_list(repository, storage, told, path):
    """Hold the file list of a backup against its manifest.

    :param told: the manifest.
    :param path: of the list in its snapshot.
    :returns: {id: [:class:`objects.Damage`]}; {} when it is what it was.
    """
    payload, digest = told['payload'], hashlib.sha256()
    name = f'{repository.node}/restic/snapshots/{payload["files_snapshot"]}'
    try:
        repository.dump(payload['files_snapshot'], path, digest.update)
        if digest.hexdigest() == payload['files_sha256']:
            return {}
        reason = mismatch.LIST
    except restic_cli.ResticError as error:
        storage.nodes()
        if not _DAMAGED.search(error.said):
            raise
        reason = f'{_INCOMPLETE}: {error.values["reason"]}'
    return {told['backup']: [objects.Damage(name, reason, ('(file list)',))]}
