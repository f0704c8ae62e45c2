# SPDX-License-Identifier: Apache-2.0
"""Objects on a host that is reached by SFTP."""
import struct

from baas.node import errors
from baas.node.stores import base
from baas.node.stores import sftp_protocol

_TO_READ, _TO_WRITE = 0x1, 0x2 | 0x8 | 0x20
"""To read; to write, make, and only if it is not there."""
_PIECE = 32 << 10
_AHEAD = 64


class Sftp(base.Store):
    """A folder on a host, {'host', 'port', 'user', 'path', 'ssh': further
    words for the client}; see :class:`base.Store`.

    :ivar connection: the :class:`baas.node.stores.sftp_protocol.Connection`.
    """

    def __init__(self, told, filled):
        self._root = told['path'].rstrip('/')
        self.connection = sftp_protocol.Connection(
            told, [filled(word) for word in told['ssh']])
        try:
            self.connection.ask(told['path'], sftp_protocol.STAT,
                                sftp_protocol.text(told['path']))
        except errors.NodeError:
            self.close()
            raise

    def close(self):
        """See :class:`base.Store`."""
        self.connection.close()

    def write(self, name, partial):
        """See :class:`base.Store`."""
        folder = name.rpartition('/')[0]
        for count in range(folder.count('/') + 1):
            self._make('/'.join(folder.split('/')[:count + 1]))
        return _Sink(self, name, base.beside(name, partial))

    def open(self, name):
        """See :class:`base.Store`."""
        return _Source(self, name)

    def remove(self, name):
        """See :class:`base.Store`."""
        self._unless_absent(name, sftp_protocol.REMOVE, self.path(name))

    def path(self, name):
        """Give the path of an object, as the protocol writes it (bytes)."""
        return sftp_protocol.text('%s/%s' % (self._root, name))

    def exists(self, name):
        """See :class:`base.Store`."""
        found = self._unless_absent(name, sftp_protocol.STAT, self.path(name))
        return found is not None

    def _make(self, folder):
        if not self.exists(folder):
            try:
                self.connection.ask(
                    folder, sftp_protocol.MKDIR,
                    self.path(folder) + struct.pack('>II', 4, 0o700))
            except errors.NodeError:
                # Somebody else may have been faster.
                if not self.exists(folder):
                    raise

    def _unless_absent(self, name, kind, data):
        try:
            self.connection.begin(kind, data)
            return self.connection.end()
        except sftp_protocol.Refused as error:
            if error.code == sftp_protocol.ABSENT:
                return None
            raise self.connection.explain(name, error)


class _Sink(base.Sink):
    def __init__(self, store, name, partial):
        self._store, self._name, self._partial = store, name, partial
        self._wire = store.connection
        if store.exists(name):
            raise base.stored_already(name)
        self._place = 0
        # What is left by who died may be another name of an object.
        store.remove(partial)
        self._handle = self._wire.ask(name, sftp_protocol.OPEN, store.path(
            partial) + struct.pack('>III', _TO_WRITE, 4, 0o600))

    def write(self, data):
        """See :class:`base.Sink`."""
        for begin in range(0, len(data), _PIECE):
            piece = data[begin:begin + _PIECE]
            self._wire.begin(
                sftp_protocol.WRITE, sftp_protocol.blob(self._handle)
                + struct.pack('>Q', self._place) + sftp_protocol.blob(piece))
            self._place += len(piece)
            self._drain(_AHEAD)

    def _drain(self, most):
        try:
            while self._wire.waiting > most:
                self._wire.end()
        except sftp_protocol.Refused as error:
            raise self._wire.explain(self._name, error)

    def publish(self):
        """See :class:`base.Sink`."""
        store, handle = self._store, sftp_protocol.blob(self._handle)
        self._drain(0)
        try:
            self._wire.begin(sftp_protocol.EXTENDED,
                             sftp_protocol.text('fsync@openssh.com') + handle)
            self._wire.end()
        except sftp_protocol.Refused as error:
            if error.code != sftp_protocol.UNSUPPORTED:
                raise self._wire.explain(self._name, error)
        self._close()
        # OpenSSH's rename links, so that it never overwrites; the look
        # before is for servers that do.
        if store.exists(self._name):
            raise base.stored_already(self._name)
        self._wire.ask(self._name, sftp_protocol.RENAME, store.path(
            self._partial) + store.path(self._name))
        self.published = True

    def discard(self):
        """See :class:`base.Sink`."""
        while self._wire.waiting:
            try:
                self._wire.end()
            except sftp_protocol.Refused:
                continue
        # Room is only free again when nobody has it open.
        self._close()
        self._store.remove(self._partial)

    def _close(self):
        handle, self._handle = self._handle, None
        if handle is not None:
            self._wire.ask(self._name, sftp_protocol.CLOSE,
                           sftp_protocol.blob(handle))


class _Source:
    def __init__(self, store, name):
        self._name, self._wire = name, store.connection
        self._handle = self._wire.ask(name, sftp_protocol.OPEN, store.path(
            name) + struct.pack('>II', _TO_READ, 0))
        self._asked, self._got, self._over = 0, b'', False

    def read(self, size):
        """Give bytes, none at the end."""
        while len(self._got) < size and not self._over:
            self._ahead()
            self._take()
        data, self._got = self._got[:size], self._got[size:]
        return data

    def _ahead(self):
        while self._wire.waiting < _AHEAD:
            self._wire.begin(
                sftp_protocol.READ, sftp_protocol.blob(self._handle)
                + struct.pack('>QI', self._asked, _PIECE))
            self._asked += _PIECE

    def _take(self):
        try:
            data = self._wire.end()
        except sftp_protocol.Refused as error:
            if error.code != sftp_protocol.EOF:
                raise self._wire.explain(self._name, error)
            data = b''
        self._got += data
        if len(data) < _PIECE:
            # Short is only what is at the end.
            self._over = True
            self._settle()

    def _settle(self):
        while self._wire.waiting:
            try:
                data = self._wire.end()
            except sftp_protocol.Refused:
                continue
            if data:  # pragma: no cover - no such server here
                raise errors.NodeError(
                    '%s is sent in pieces of another size than asked for.'
                    % self._name, 'Use a server of OpenSSH.')

    def __enter__(self):
        return self

    def __exit__(self, *error):
        """Nothing: the connection is closed with the store."""
