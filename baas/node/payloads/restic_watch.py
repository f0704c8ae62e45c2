# SPDX-License-Identifier: Apache-2.0
"""When a restic that is at work is given up, on the nodes and on the
conductor: by itself it waits too long."""
import os
import re

from baas.node.system import clock
from baas.node.system import ssh_watch

PATIENCE = 120
"""Seconds for which a storage may refuse the same object. restic would try
again for 15 minutes (internal/backend/retry of 0.18), for each object anew,
and calls a storage full only when it tells so: a quota does not, nor does a
btrfs without room for metadata."""
REFUSED = 'the storage refuses what restic asks of it, for %d seconds now: %s'
_FAILED = re.compile(
    r'^(\w+\(.*?\)) returned error, retrying after \S+: (.*)$')
_GOOD = re.compile(r'^(\w+\(.*?\)) operation successful after')
_MOST = 1 << 16
_LONG = 300


class ResticWatch:
    """Watches one restic.

    :param pid: of the process.
    :param complaints: descriptor of the file that takes its standard error;
        it is read at a position of its own.
    """

    def __init__(self, pid, complaints):
        self._link = ssh_watch.SshWatch(pid)
        self._complaints, self._read, self._rest = complaints, 0, b''
        self._refused = {}

    def verdict(self):
        """Give why it is to be ended (str); None when it may go on."""
        if self._link.is_lost():
            return ssh_watch.ENDED
        self._look()
        since, said = min(self._refused.values(), default=(None, None))
        waited = 0 if since is None else int(clock.boottime() - since)
        return REFUSED % (waited, said) if waited >= PATIENCE else None

    def _look(self):
        """Take in what it has said since the last time."""
        while True:
            piece = os.pread(self._complaints, _MOST, self._read)
            if not piece:
                return
            self._read += len(piece)
            *lines, self._rest = (self._rest + piece).split(b'\n')
            for line in lines:
                self._receive(line.decode('utf-8', 'replace'))

    def _receive(self, line):
        failed, good = _FAILED.match(line), _GOOD.match(line)
        if failed:
            since = self._refused.get(failed[1], (clock.boottime(),))[0]
            self._refused[failed[1]] = since, failed[2][:_LONG]
        elif good:
            self._refused.pop(good[1], None)
