# SPDX-License-Identifier: Apache-2.0
"""Mounts that one process of the service makes for itself, and takes away
again; those of processes that were killed are taken away by the next."""
import contextlib
import errno
import os
import pathlib
import re
import secrets
import subprocess
import threading

_PATIENCE = 150  # seconds
_NAME = re.compile(r'(\d+)-(\d+)-[0-9a-f]+')


class MountError(Exception):
    """Something cannot be mounted; the text says why."""


class Mount:
    """Something that is mounted as soon as it is wanted.

    :param words: arguments of mount(8) but for the mount point.
    :param folder: folder for mount points (:class:`pathlib.Path`).
    """

    def __init__(self, words, folder):
        self._words, self._folder = words, folder
        self._place, self._lock = None, threading.Lock()

    def reach(self):
        """Mount it unless it is mounted.

        :returns: the mount point (:class:`pathlib.Path`).
        :raises MountError: it cannot be mounted.
        """
        with self._lock:
            if self._place is None:
                sweep(self._folder)
                self._place = self._mount()
            return self._place

    def _mount(self):
        mine = os.getpid()
        place = self._folder / (f'{mine}-{_started(mine)}-'
                                f'{secrets.token_hex(4)}')
        place.mkdir(0o700, parents=True)
        try:
            done = subprocess.run(
                ['mount', *self._words, str(place)], text=True, timeout=(
                    _PATIENCE), stdin=subprocess.DEVNULL, capture_output=True,
                env={**os.environ, 'LC_ALL': 'C'})
            # What follows the first line is advice to read logs.
            reason = done.returncode and (
                done.stderr.strip().splitlines() or ['mount failed'])[0]
        except subprocess.TimeoutExpired:
            reason = f'no answer within {_PATIENCE} seconds'
        except OSError as error:
            # Not in the words in which a server says that nothing is there.
            reason = ('mount cannot be started '
                      f'({errno.errorcode[error.errno]})')
        if reason:
            _remove(place)
            raise MountError(reason.rstrip('.'))
        return place

    def leave(self):
        """Unmount it, however busy it is; it can be mounted again."""
        with self._lock:
            place, self._place = self._place, None
            if place is not None:
                _remove(place)


def sweep(folder):
    """Take away what processes have left that are no more."""
    with contextlib.suppress(FileNotFoundError):
        for name in os.listdir(folder):
            match = _NAME.fullmatch(name)
            if match and _started(int(match[1])) != match[2]:
                _remove(pathlib.Path(folder, name))


def _remove(place):
    # Nothing here looks at what is mounted, which may not answer any more.
    with contextlib.suppress(FileNotFoundError):
        subprocess.run(['umount', '--lazy', '--no-canonicalize',
                        '--internal-only', str(place)],
                       stdin=subprocess.DEVNULL, capture_output=True)
    with contextlib.suppress(OSError):
        place.rmdir()


def _started(pid):
    """Give when a process started (str), None when there is none."""
    try:
        text = pathlib.Path(f'/proc/{pid}/stat').read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(')')[2].split()[19]
