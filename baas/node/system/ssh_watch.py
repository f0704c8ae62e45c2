# SPDX-License-Identifier: Apache-2.0
"""A program that reaches its storage through an SSH client which it starts,
as restic does, and which may wait for ever when that has ended."""
from baas.node.system import clock
from baas.node.system import syscalls

ALONE = 30
"""Seconds after which a program whose SSH client has ended is given up."""
ENDED = 'the connection to the storage has ended'


class SshWatch:
    """Watches the SSH client of one program.

    :param pid: of the program.
    """

    def __init__(self, pid):
        self._pid, self._seen = pid, None

    def is_lost(self):
        """Tell whether there was a client, and has been none for long."""
        now = clock.boottime()
        if syscalls.children(self._pid):
            self._seen = now
        return self._seen is not None and now > self._seen + ALONE
