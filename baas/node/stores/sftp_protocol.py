# SPDX-License-Identifier: Apache-2.0
"""The protocol SFTP, version 3, through OpenSSH's client, with many requests
under way at once. Its own ``sftp`` sends files only, and no streams."""
import collections
import os
import struct
import subprocess
import tempfile

from baas.node import errors
from baas.node.system import command
from baas.node.system import syscalls

OPEN, CLOSE, READ, WRITE = 3, 4, 5, 6
REMOVE, MKDIR, STAT, RENAME, EXTENDED = 13, 14, 17, 18, 200
"""Kinds of requests."""
EOF, ABSENT, DENIED, UNSUPPORTED = 1, 2, 3, 8
"""Codes of refusals."""
_INIT, _STATUS, _ATTRS = 1, 101, 105
_HINTS = {
    ABSENT: 'See that the storage is whole.',
    DENIED: 'Let the storage user write there.'}
_HINT = 'See that the storage host is up, and that it has room.'


class Refused(Exception):
    """The server did not do what it was asked to.

    :ivar code: why (int).
    """

    def __init__(self, code, text):
        super().__init__(text or 'refused with %d' % code)
        self.code = code


class Connection:
    """A connection to a host.

    :param told: {'host', 'port', 'user'}.
    :param ssh: further words for the client (list of str).
    """

    def __init__(self, told, ssh):
        self._host = told['host']
        self._errors = tempfile.TemporaryFile()
        self._waiting = collections.deque()
        self._number = 0
        self._process = subprocess.Popen(
            ['ssh'] + ssh + ['-p', str(told['port']), '-l', told['user'],
                             '-s', '--', told['host'], 'sftp'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._errors, env=command.environment(),
            preexec_fn=syscalls.die_with_parent)
        try:
            self._send(_INIT, struct.pack('>I', 3))
            self._packet()
        except errors.NodeError:
            self.close()
            raise

    def close(self):
        """End the connection; again is harmless."""
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                pipe.close()
            except OSError:
                pass  # the client is gone already
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:  # pragma: no cover - it always ends
            self._process.kill()
            self._process.wait()
        self._errors.close()

    def ask(self, name, kind, data):
        """Ask for something and wait for the answer (bytes)."""
        try:
            self.begin(kind, data)
            return self.end()
        except Refused as error:
            raise self.explain(name, error)

    def explain(self, name, error):
        """Make the error of a :class:`Refused`."""
        return errors.NodeError(
            'The storage host %s refuses %s: %s.'
            % (self._host, name, str(error).rstrip('.')),
            _HINTS.get(error.code, _HINT))

    def begin(self, kind, data):
        """Ask for something; answers come in the order of asking."""
        self._number += 1
        self._waiting.append(self._number)
        self._send(kind, struct.pack('>I', self._number) + data)

    def end(self):
        """Wait for the answer to the oldest question.

        :raises Refused: the server did not do it.
        """
        packet = self._packet()
        number = struct.unpack_from('>I', packet, 1)[0]
        if number != self._waiting.popleft():  # pragma: no cover - bad servers
            raise self._lost('it answers out of order')
        if packet[0] == _STATUS:
            code, size = struct.unpack_from('>II', packet, 5)
            if code:
                raise Refused(code, packet[13:13 + size].decode(
                    'utf-8', 'replace'))
            return b''
        return packet[5:] if packet[0] == _ATTRS else packet[9:]

    @property
    def waiting(self):
        """How many answers are still to come."""
        return len(self._waiting)

    def _send(self, kind, data):
        try:
            self._process.stdin.write(
                struct.pack('>IB', len(data) + 1, kind) + data)
            self._process.stdin.flush()
        except OSError:
            raise self._lost()

    def _packet(self):
        size = struct.unpack('>I', self._exactly(4))[0]
        return self._exactly(size)

    def _exactly(self, size):
        data = self._process.stdout.read(size)
        if len(data) < size:
            raise self._lost()
        return data

    def _lost(self, reason=None):
        self._errors.seek(0)
        said = self._errors.read()[-2000:].decode('utf-8', 'replace')
        return errors.NodeError(
            'The connection to the storage host %s is lost: %s.'
            % (self._host, reason or command.last_line(said)),
            'See that the host is up and lets the storage user in.')


def text(text):
    """Write a name as the protocol does (bytes)."""
    return blob(os.fsencode(text))


def blob(data):
    """Write bytes as the protocol does: their number first."""
    return struct.pack('>I', len(data)) + data
