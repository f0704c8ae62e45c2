# SPDX-License-Identifier: Apache-2.0
"""The file list of a backup: one line for each file, with all it is.

It is sorted by the bytes of the path, name by name. What was hashed is
remembered on the node, so that only what changed is read the next time.
"""
import hashlib
import json
import os
import stat

from baas.node import errors
from baas.node.filelist import attributes
from baas.node.filelist import fields
from baas.node.filelist import walk

# A file written just before the snapshot may be written again within the
# same tick of the clock, so that its times tell nothing.
_RACY = 2 * 10**9


def _line(value):
    return json.dumps(value, separators=(',', ':')) + '\n'


class Writer:
    """Writes a file list and the memory of its hashes.

    :ivar files: number of entries written.
    :ivar size: bytes of all regular files.
    :ivar disk: bytes that they take on disk, without holes, each hard link
        once.
    """

    def __init__(self, path, memory, backup, node, timestamp):
        """Begin a list.

        :param path: where the list is written.
        :param memory: where hashes are remembered.
        :param backup: id of the backup.
        :param node: name of the node.
        :param timestamp: when the snapshot was taken, seconds since 1970.
        """
        self.files = 0
        self.size = 0
        self.disk = 0
        self.read = 0
        self._linked = set()
        self._timestamp = int(timestamp * 10**9) - _RACY
        self._memory_path = memory
        self._devices = {}
        self._digest = hashlib.sha256()
        self._list = open(path, 'w', encoding='ascii')
        self._memory = open(memory + '.new', 'w', encoding='ascii')
        self._old = Memory(memory)
        self._put({'baas_files': 1, 'backup': backup, 'node': node})

    def add(self, top, path, found):
        """Describe one file, hashing it unless it is known already."""
        full = top + b'/' + path if path else top
        entry = {fields.PATH: attributes.text(path)}
        entry.update(attributes.describe(full, found))
        if fields.INODE in entry:
            # Inode numbers repeat from one subvolume to the next.
            number = self._devices.setdefault(found.st_dev,
                                              len(self._devices))
            entry[fields.INODE] += number << 48
        known = self._old.look(path, found)
        if known is None:
            known = self._examine(full, found)
        if found.st_ctime_ns < self._timestamp:
            self._memory.write(_line(
                [entry[fields.PATH], found.st_size, found.st_mtime_ns,
                 found.st_ctime_ns, found.st_ino, known]))
        entry.update(known)
        self._put(entry)
        self.files += 1
        if entry[fields.TYPE] == 'f':
            self.size += found.st_size
            self._count_disk(found)

    def _count_disk(self, found):
        if found.st_nlink > 1:
            if (found.st_dev, found.st_ino) in self._linked:
                return
            self._linked.add((found.st_dev, found.st_ino))
        self.disk += found.st_blocks * 512

    def _examine(self, full, found):
        """Read what only the file itself tells."""
        known = {}
        xattrs = attributes.attributes(full)
        if xattrs:
            known[fields.XATTRS] = xattrs
        kind = stat.S_IFMT(found.st_mode)
        if kind in (stat.S_IFREG, stat.S_IFDIR):
            descriptor = attributes.open_quietly(full)
            try:
                flags = attributes.get_flags(descriptor)
                if flags:
                    known[fields.FLAGS] = flags
                if kind == stat.S_IFREG:
                    known[fields.SHA256] = attributes.sha256(
                        descriptor, found.st_size,
                        attributes.is_sparse(found))
                    self.read += found.st_size
            finally:
                os.close(descriptor)
        return known

    def _put(self, value):
        text = _line(value)
        self._digest.update(text.encode('ascii'))
        self._list.write(text)

    def close(self):
        """End the list and keep the memory.

        :returns: SHA-256 of the list (hexadecimal str).
        """
        for handle in (self._list, self._memory):
            handle.close()
        os.rename(self._memory_path + '.new', self._memory_path)
        return self._digest.hexdigest()


class Memory:
    """What was found out about files the last time, in the same order."""

    def __init__(self, path):
        self._rows = _rows(path)
        self._row = next(self._rows, None)

    def look(self, path, found):
        """Give what is known of a file that has not changed, or None."""
        wanted = walk.key(path)
        while self._row is not None and self._row[0] < wanted:
            self._row = next(self._rows, None)
        if self._row is None or self._row[0] != wanted:
            return None
        if self._row[1] != [found.st_size, found.st_mtime_ns,
                            found.st_ctime_ns, found.st_ino]:
            return None
        return self._row[2]


def _rows(path):
    try:
        handle = open(path, encoding='ascii')
    except FileNotFoundError:
        return
    with handle:
        for line in handle:
            try:
                row = json.loads(line)
            except ValueError:
                # A torn memory is worth no more than none.
                return
            yield walk.key(attributes.raw(row[0])), row[1:5], row[5]


def read(path):
    """Yield the entries of a list (dicts), the first line checked.

    :raises errors.NodeError: it is no file list.
    """
    with open(path, encoding='ascii') as handle:
        try:
            first = json.loads(next(handle))
        except (StopIteration, ValueError):
            first = {}
        if not isinstance(first, dict) or first.get('baas_files') != 1:
            raise errors.NodeError(
                '%s is no file list of a kind known here.' % path,
                'Use the node program of the release that wrote it.')
        for line in handle:
            yield json.loads(line)
