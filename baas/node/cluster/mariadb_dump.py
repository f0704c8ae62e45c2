# SPDX-License-Identifier: Apache-2.0
"""A dump of the database on its way to a file, and of which moment it is."""
import gzip
import os
import re
import subprocess
import tempfile

from baas.node import errors
from baas.node.system import command

TRAILER = b'-- Dump completed'
_BLOCK = 1 << 20
_BEGUN = b'-- Current Database: '
"""What stands in a dump once its transaction has begun."""
_BINLOG = re.compile(rb"^-- CHANGE MASTER TO MASTER_LOG_FILE='([^']+)', "
                     rb"MASTER_LOG_POS=(\d+)", re.M)
_GTID = re.compile(rb"^-- SET GLOBAL gtid_slave_pos='([^']*)'", re.M)


class Stream:
    """A dump on its way from the program that makes it.

    :param words: the program and its arguments.
    :param committed: gives the last transaction of the cluster, (uuid,
        number), or None without one; raises NodeError.
    """

    def __init__(self, words, committed):
        self._words, self._committed = words, committed
        self._head, self._tail = b'', b''
        self._before = self._after = None
        self._begun = False

    def compress(self, path, hint):
        """Have it made, in place of a file; give its size in bytes.

        :param hint: what to do if it fails.
        :raises errors.NodeError: it is not whole; the file stays.
        """
        temporary = path + '.new'
        self._before = self._committed()
        with tempfile.TemporaryFile() as stderr:
            process = subprocess.Popen(
                self._words, stdin=subprocess.DEVNULL, stderr=stderr,
                stdout=subprocess.PIPE, env=command.environment())
            try:
                size = self._copy(process.stdout, temporary)
            except BaseException:
                process.kill()  # else it would wait for a reader
                process.wait()
                raise
            status = process.wait()
            stderr.seek(0)
            said = stderr.read().decode('utf-8', 'replace')
        if status or TRAILER not in self._tail:
            os.unlink(temporary)
            raise errors.NodeError(
                'The database dump is not whole (exit status %d: %s).'
                % (status, command.last_line(said)), hint)
        os.rename(temporary, path)
        return size

    def _copy(self, source, path):
        size = 0
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
                          0o600), 'wb') as raw:
            with gzip.GzipFile('', 'wb', 3, raw, 0) as handle:
                for block in iter(lambda: source.read1(_BLOCK), b''):
                    handle.write(block)
                    size += len(block)
                    self._look(block)
            raw.flush()
            os.fsync(raw.fileno())
        return size

    def _look(self, block):
        self._tail = (self._tail + block)[-4096:]
        if not self._begun:
            self._head += block
            self._begun = _BEGUN in self._head
            if self._begun and self._before:
                # What is committed from now on is not in it any more.
                try:
                    self._after = self._committed()
                except errors.NodeError:
                    self._after = None  # the dump is good without it

    def position(self):
        """Tell of which moment it is; see
        :func:`baas.node.cluster.mariadb.dump`."""
        galera, binlog = None, None
        if self._before:
            (uuid, first), (other, last) = (self._before,
                                            self._after or ('', None))
            galera = {'uuid': uuid, 'first': first,
                      'last': last if uuid == other else None}
        place = _BINLOG.search(self._head)
        # Newer programs write it at the end.
        gtid = _GTID.search(self._head + self._tail)
        if place:
            binlog = {'file': place.group(1).decode(),
                      'position': int(place.group(2)),
                      'gtid': gtid.group(1).decode() if gtid else None}
        return {'galera': galera, 'binlog': binlog}
