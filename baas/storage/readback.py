# SPDX-License-Identifier: Apache-2.0
"""Reads stored files of repositories back and compares them with what they
must be: restic names nearly every file by the SHA-256 of its content."""
import concurrent.futures
import contextlib
import dataclasses
import hashlib
import json
import re

from baas import errors
from baas.node.system import atomic_file
from baas.storage import base

_NAMED = re.compile(
    r'[^/]+/restic/(data/[0-9a-f]{2}|index|keys|snapshots)/[0-9a-f]{64}')
_SHOWN = 3
THREADS = 4
"""How many files are read at the same time, unless somebody says so."""


class Damaged(errors.BaasError):
    """Stored files are not what was written."""
    faultcode = 'baas.storage.damaged'
    title = 'Stored data damaged'
    message = '{count} stored file(s) of node {node} are damaged: {names}.'
    hint = ('Check disk, memory and network of the storage, then take a new '
            'backup; do not trust this one.')


@dataclasses.dataclass(frozen=True)
class Fault:
    """A stored file that is not what it must be.

    :ivar name: its name in the storage.
    :ivar reason: what is wrong, in a few words.
    """
    name: str
    reason: str


def inventory(storage, node):
    """List the files of a node's repository that can be read back.

    :returns: mapping of name to size in bytes; empty when there is no
        repository yet.
    """
    return {entry.name: entry.size
            for folder in ('data', 'index', 'keys', 'snapshots')
            for entry in storage.list(f'{node}/restic/{folder}')
            if _NAMED.fullmatch(entry.name)}


def remember(storage, node, path):
    """Write down what is stored of a node before a capture, so that it is
    known afterwards what is new.

    :param path: file to write.
    :raises StorageError: the storage failed.
    """
    atomic_file.write_json(path, sorted(inventory(storage, node)))


def remembered(path):
    """Give the names that :func:`remember` has written, or what else is known
    of them.

    A file that is gone stands for nothing: reading too much back does no
    harm, reading too little does.

    :param path: the file, or None.
    """
    with contextlib.suppress(FileNotFoundError):
        if path is not None:
            with open(path) as file:
                return json.load(file)
    return []


def read(storage, names, threads=THREADS, on_read=lambda name, fault: None,
         digests=None):
    """Read files back, several at once.

    :param names: names of files, as :func:`inventory` gives them.
    :param threads: how many files are read at the same time.
    :param on_read: called with the name of each file that was read, and its
        :class:`Fault` or None.
    :param digests: SHA-256 (hex) by name of those whose name does not say it.
    :returns: list of :class:`Fault`, sorted by name; empty when all is well.
    :raises StorageError: the storage failed, so that nothing is known.
    """
    faults, digests = [], digests or {}
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        reading = {pool.submit(_fault, storage, name, digests.get(
            name, name.rpartition('/')[2])): name for name in names}
        try:
            for done in concurrent.futures.as_completed(reading):
                if done.result():
                    faults.append(done.result())
                on_read(reading.pop(done), done.result())
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return sorted(faults, key=lambda fault: fault.name)


def note(path, name, size, fault):
    """Add to the log of what was read.

    :param path: the file; None: nobody wants to know.
    :param fault: a :class:`Fault`, or None.
    """
    if path is not None:
        with open(path, 'a') as log:
            log.write(json.dumps({'name': name, 'size': size, 'fault':
                                  fault and fault.reason}) + '\n')


def demand(node, faults):
    """Raise :class:`Damaged` when there is a fault."""
    if faults:
        shown = ', '.join(f'{fault.name} {fault.reason}'
                          for fault in faults[:_SHOWN])
        more = ' and others' if len(faults) > _SHOWN else ''
        raise Damaged(count=len(faults), node=node, names=shown + more)


def _fault(storage, name, digest):
    reason = _wrong(storage, name, digest)
    if reason is None:
        return None
    # One object that is bad is damage; a storage that does not answer says
    # nothing of any, and what goes away half way looks like damage at first.
    storage.nodes()
    reason = _wrong(storage, name, digest)
    storage.nodes()
    return reason and Fault(name, reason)


def _wrong(storage, name, digest):
    """Say what is wrong with an object, in a few words, or None."""
    try:
        found = _digest(storage, name)
    except base.Missing:
        return 'is gone'
    except base.StorageError as error:
        return f'cannot be read: {error}'
    return None if found == digest else 'has another content than was written'


def _digest(storage, name):
    with storage.open(name) as file:
        return hashlib.file_digest(file, 'sha256').hexdigest()
