# SPDX-License-Identifier: Apache-2.0
"""A random share of the files of a backup, by its file list."""
import hashlib
import json
import random

from baas.node.filelist import fields
from baas.storage import manifest
from baas.storage.payloads import decrypted
from baas.storage.payloads import mismatch
from baas.storage.payloads import restic
from baas.storage.payloads import restic_cli

MOST = 200000
"""Files of one sample."""
_FILE = 'f'


class Sample:
    """Takes a file list in pieces, and keeps a share of its files.

    The same seed chooses the same files of the same list.

    :param share: chance of each file to be chosen, 0 to 1.
    :param seed: any number or text.

    :ivar files: how many files there are (int).
    :ivar chosen: lines of those that were chosen (list of bytes), at most
        :data:`MOST`.
    """

    def __init__(self, share, seed):
        self.files, self.chosen = 0, []
        self._share, self._random = share, random.Random(seed)
        self._digest, self._rest, self._first = hashlib.sha256(), b'', True

    def take(self, piece):
        """Take the next bytes of the list."""
        self._digest.update(piece)
        *lines, self._rest = (self._rest + piece).split(b'\n')
        for line in lines:
            if self._first:  # it says what kind of list this is
                self._first = False
            elif json.loads(line).get(fields.TYPE) == _FILE:
                self._choose(line)

    def _choose(self, line):
        self.files += 1
        wanted = self._random.random() < self._share
        if (wanted or not self.chosen) and len(self.chosen) < MOST:
            self.chosen.append(line)

    def digest(self):
        """Give the SHA-256 of all that was taken (hexadecimal str)."""
        return self._digest.hexdigest()


def draw(conf, job, storage, key, told, share, seed):
    """Choose files of a backup.

    :param job: :class:`baas.program.Job`.
    :param told: its manifest.
    :returns: :class:`Sample`.
    :raises Mismatch: its file list is another one than was signed for.
    """
    sample, payload = Sample(share, seed), told['payload']
    if manifest.kind(told) == 'restic':
        with restic_cli.Repository(conf, storage, key, told['node'],
                                   job.folder) as repository:
            repository.dump(payload['files_snapshot'], restic.FILES,
                            sample.take)
    else:
        identity = key.node_identity(told['node'])
        with decrypted.Opened(conf, storage, identity, told, 'list',
                              lambda size: None) as listing:
            for line in listing.file:
                sample.take(line)
            listing.finish()
    if sample.digest() != payload['files_sha256']:
        raise mismatch.of(told, mismatch.LIST)
    return sample


def differing(conf, job, storage, key, told, lines, most):
    """Read some chosen files back from a repository, and hold them against
    the list; archives were held against it as they are taken.

    :param lines: as :attr:`Sample.chosen`.
    :param most: how many are read at most.
    :returns: (how many were read, sentences on those that are different).
    """
    if manifest.kind(told) != 'restic':
        return 0, []
    wrong, entries = [], [json.loads(line) for line in lines]
    entries = [one for one in entries if one[fields.SIZE] <= _LARGE][:most]
    with restic_cli.Repository(conf, storage, key, told['node'],
                               job.folder) as repository:
        for entry in entries:
            digest, path = hashlib.sha256(), '/' + entry[fields.PATH]
            repository.dump(told['payload']['snapshot'], path, digest.update)
            if digest.hexdigest() != entry[fields.SHA256]:
                wrong.append(f'{ascii(path)[1:-1][:300]}: what is stored is '
                             'not what the list says')
    return len(entries), wrong


_LARGE = 64 << 20
"""Bytes of a file that is read back at most."""
