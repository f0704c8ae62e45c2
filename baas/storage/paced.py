# SPDX-License-Identifier: Apache-2.0
"""A storage that is read no faster than is wanted."""
import io

from baas.node.payloads import pace

_PIECE = 1 << 18  # bytes; what is read at once is waited for at once


def paced(storage, conf):
    """Give a storage that is read as ``[verification] bandwidth`` says.

    :param storage: :class:`baas.storage.base.Storage`.
    """
    rate = conf.verification.bandwidth << 20
    return _Paced(storage, pace.Throttle(rate)) if rate else storage


class _Paced:

    def __init__(self, storage, limit):
        self._storage, self._limit = storage, limit

    def __getattr__(self, name):
        return getattr(self._storage, name)

    def open(self, name):
        """See :meth:`baas.storage.base.Storage.open`."""
        return _Reader(self._storage.open(name), self._limit)


class _Reader(io.RawIOBase):

    def __init__(self, file, limit):
        self._file, self._limit = file, limit

    def readable(self):
        """See :class:`io.RawIOBase`."""
        return True

    def readinto(self, buffer):
        """See :class:`io.RawIOBase`."""
        data = self._file.read(min(len(buffer), _PIECE))
        self._limit.spend(len(data))
        buffer[:len(data)] = data
        return len(data)

    def close(self):
        """See :class:`io.RawIOBase`."""
        self._file.close()
        super().close()
