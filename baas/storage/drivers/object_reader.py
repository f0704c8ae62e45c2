# SPDX-License-Identifier: Apache-2.0
"""Stored objects that are open for reading."""
import contextlib
import io


class Reader(io.RawIOBase):
    """An open object; a failure while reading names the storage.

    :param storage: the :class:`Storage` it is in.
    :param name: name of the object.
    :param file: what the driver has opened.
    """

    def __init__(self, storage, name, file):
        super().__init__()
        self._storage, self._name, self._file = storage, name, file

    def readable(self):
        """Say that it can be read."""
        return True

    def readinto(self, buffer):
        """Read into a buffer; see :class:`io.RawIOBase`."""
        with self._storage.explained(self._name):
            data = self._file.read(len(buffer))
        buffer[:len(data)] = data
        return len(data)

    def close(self):
        """Close it; a connection that is gone does not matter any more."""
        if not self.closed:
            with contextlib.suppress(*self._storage.failures):
                self._file.close()
        super().close()
