# SPDX-License-Identifier: Apache-2.0
"""An object of a backup, read back and decrypted in memory."""
import contextlib
import hashlib
import os
import subprocess
import tempfile
import threading

from baas.storage.payloads import mismatch

_PIECE = 1 << 20


class Opened:
    """A context; what is in the object is read from ``file``.

    :ivar file: binary file.

    :param identity: what opens it (str).
    :param expected: manifest of the backup.
    :param part: ``archive`` or ``list``.
    :param on_read: called with the number of bytes of each piece.
    """

    def __init__(self, conf, storage, identity, expected, part, on_read):
        self._program = conf.payload.age
        self._storage, self._identity = storage, identity
        self._expected, self._told = expected, expected['payload'][part]
        self._on_read = on_read
        self._digest, self._size = hashlib.sha256(), 0
        self._error, self._over = None, False

    def __enter__(self):
        # A file in memory: whoever dies leaves no key on a disk.
        secret = os.memfd_create('identity')
        os.write(secret, self._identity.encode())
        self._trouble = tempfile.TemporaryFile()
        with contextlib.closing(os.fdopen(secret)):
            self._age = subprocess.Popen(
                [self._program, '--decrypt', '--identity',
                 f'/proc/self/fd/{secret}'], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=self._trouble,
                pass_fds=[secret])
        self._zstd = subprocess.Popen(
            ['zstd', '--quiet', '--decompress', '--stdout'],
            stdin=self._age.stdout, stdout=subprocess.PIPE,
            stderr=self._trouble)
        self._age.stdout.close()
        self.file = self._zstd.stdout
        self._feeder = threading.Thread(target=self._feed, daemon=True)
        self._feeder.start()
        return self

    def _feed(self):
        try:
            with self._storage.open(self._told['name']) as source:
                # Also what nobody reads any more tells whether it is damaged.
                while not self._over and (piece := source.read(_PIECE)):
                    self._digest.update(piece)
                    self._size += len(piece)
                    self._on_read(len(piece))
                    with contextlib.suppress(BrokenPipeError):
                        self._age.stdin.write(piece)
        except Exception as error:
            self._error = error
        finally:
            with contextlib.suppress(BrokenPipeError):
                self._age.stdin.close()

    def finish(self):
        """See that the object was what was stored, and could be read.

        :raises Mismatch: it was not.
        :raises StorageError: the storage failed.
        """
        while self.file.read(_PIECE):
            pass
        self._feeder.join()
        codes = self._age.wait(), self._zstd.wait()
        if self._error is not None:
            raise self._error
        if (self._size, self._digest.hexdigest()) != (
                self._told['size'], self._told['sha256']):
            raise mismatch.of(self._expected, f'is damaged: '
                              f'{self._told["name"]} is not what was stored')
        if any(codes):
            self._trouble.seek(0)
            said = self._trouble.read(500).decode(errors='replace').strip()
            raise mismatch.of(self._expected, f'cannot be opened: {said}')

    def __exit__(self, *error):
        self._over = True
        for process in (self._age, self._zstd):
            if process.poll() is None:
                process.kill()
            process.wait()
        self._feeder.join()
        self.file.close()
        self._trouble.close()
