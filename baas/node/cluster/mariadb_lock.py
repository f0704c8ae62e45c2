# SPDX-License-Identifier: Apache-2.0
"""A lock under which a copy of the files of a database server is whole.

It belongs to a session of the client, and ends with that."""
import os
import select
import subprocess
import tempfile

from baas.node.cluster import mariadb
from baas.node.system import clock
from baas.node.system import command
from baas.node.system import processes

STAGES = ('BACKUP STAGE START', 'BACKUP STAGE FLUSH',
          'BACKUP STAGE BLOCK_DDL', 'BACKUP STAGE BLOCK_COMMIT')
"""The short way of newer MariaDB: readers go on, nothing commits."""
PLAIN = ('FLUSH TABLES WITH READ LOCK',)
# What was committed has to be in the files, however lazy the settings are.
_LAST = 'FLUSH LOCAL ENGINE LOGS'
_SYNTAX = 'ERROR 1064'
_LOGIN = 6  # seconds
_HINT = ('Find what holds locks in the database (SHOW PROCESSLIST), '
         'or set [quiesce] mode to stop.')


class Lock:
    """A session of the client, and what it holds."""

    def __init__(self):
        self._process = None
        self._errors = None
        self._connection = None

    def connect(self, until):
        """Log in, so that to lock takes no longer than it has to.

        :param until: boot time at which the session is of no use any more.
        :returns: {'connection': id, 'client': {'pid', 'start'}}; {} where
            there is no client, or one that cannot log in, which is told of by
            :meth:`take`.
        """
        words = None if self._process else mariadb.client()
        if words is None:
            return self._session()
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            words + ['--connect-timeout=5', '--unbuffered', '-N', '-B'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._errors, env=command.environment())
        said = self._say([_ends(until), 'SELECT CONNECTION_ID()'], b'\n',
                         min(until, clock.boottime() + _LOGIN))
        self._connection = said[0] if said else None
        return self._session()

    def _session(self):
        if self._process is None or not self._connection:
            return {}
        pid = self._process.pid
        return {'connection': int(self._connection),
                'client': {'pid': pid, 'start': processes.start_time(pid)}}

    def is_held(self):
        """Tell whether the session that has locked is still the same."""
        return self._process is not None and self._say(
            ['SELECT CONNECTION_ID()'], b'\n',
            clock.boottime() + _LOGIN) == [self._connection]

    def take(self, seconds, until):
        """Lock the local server.

        :param seconds: how long to wait for locks of others (int).
        :param until: boot time at which the lock is of no use any more.
        :returns: {'connection': id, 'client': {'pid', 'start'}}, or {'cause',
            'hint'}.
        """
        for statements in (STAGES, PLAIN):
            self.connect(until)
            if self._process is None:
                return {'cause': 'There is no client for the database.',
                        'hint': 'Install the client tools of the database.'}
            said = self._say(
                [_ends(until), 'SET SESSION lock_wait_timeout=%d' % seconds]
                + list(statements) + [_LAST, "SELECT 'locked'"], b'locked\n',
                min(until, clock.boottime() + 4 * seconds))
            if 'locked' in said and self._connection:
                return self._session()
            wrong = self._end()
            if _SYNTAX not in wrong:
                break
        return {'cause': 'The database is not locked: %s.'
                         % command.last_line(wrong), 'hint': _HINT}

    def _say(self, statements, end, until):
        """Give what the client says to statements, up to an end (list)."""
        try:
            self._process.stdin.write(
                ''.join(one + ';\n' for one in statements).encode())
            self._process.stdin.flush()
        except OSError:
            return []
        pipe, said = self._process.stdout, b''
        while not said.endswith(end):
            left = max(0.0, until - clock.boottime())
            if not select.select([pipe], [], [], left)[0]:
                break
            block = os.read(pipe.fileno(), 4096)
            if not block:
                break
            said += block
        return said.decode('ascii', 'replace').split()

    def _end(self):
        """End the session; give what the client complained of."""
        self.release()
        try:
            self._process.wait(1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        self._errors.seek(0)
        return self._errors.read().decode('utf-8', 'replace').strip() or (
            'it did not answer in time')

    def release(self):
        """Let the server go on; twice is harmless."""
        if self._process is not None:
            try:
                self._process.stdin.close()
            except OSError:
                return


def _ends(until):
    """Have the server end the session by itself when nobody else does."""
    return 'SET SESSION wait_timeout=%d' % (
        5 + max(1, int(until - clock.boottime())))
