# SPDX-License-Identifier: Apache-2.0
"""The node's own MariaDB or MySQL server: questions, and the whole dump."""
import gzip
import os
import re
import subprocess
import tempfile

from baas.node import command
from baas.node import failure
from baas.node import inside
from baas.node import presence

TRAILER = b'-- Dump completed'
_NO_DATABASE = '#mysql50#'
"""What the server puts before names that no database can have."""
_HINT = 'See that root can log in to the local server, as with `mysql`.'
_BLOCK = 1 << 20
SERVERS = ('mariadbd', 'mysqld')
"""Names of the processes of a server."""
_CONTAINERS = ('galera', 'mariadb', 'mysql')
_OPTIONS = ['--single-transaction', '--quick', '--all-databases',
            '--routines', '--events', '--triggers', '--hex-blob']
_USERS = (r"SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) FROM mysql.user "
          r"WHERE Host <> '' ORDER BY 1")


def client():
    """Give the words the client starts with, or None.

    :raises failure.Unknown: nobody can tell.
    """
    return inside.tool(('mariadb', 'mysql'), *_CONTAINERS)


def ask(statement, seconds=10):
    """Run a statement on the local server.

    :returns: list of rows, each a list of str; None when no server runs.
    :raises failure.Unknown: one runs, and does not answer.
    """
    words, said = client(), 'there is no client for it'
    if words is not None:
        status, out, errors = command.attempt(
            words + ['--connect-timeout=5', '-N', '-B', '-e', statement],
            seconds)
        if not status:
            return [line.split('\t') for line in out.splitlines()]
        said = command.last_line(errors or out)
    if presence.runs(*SERVERS):
        raise _silent(said)
    return None


def _silent(said):
    return failure.Unknown(
        'A database server runs on this node and does not answer: %s.' % said,
        _HINT)


def answers():
    """Tell whether there is a database on this node.

    :returns: False where no server runs.
    :raises failure.Unknown: one runs, and does not answer.
    """
    rows = ask('SELECT 1')
    if rows not in (None, [['1']]):
        raise _silent('it says %s' % ascii(rows)[:60])
    return rows is not None


def desynced():
    """Tell whether this Galera member is told to lag.

    :raises failure.Unknown: it does not say.
    """
    rows = ask('SELECT @@GLOBAL.wsrep_desync')
    if rows not in (None, [['0']], [['1']]):
        raise _silent('wsrep_desync is %s' % ascii(rows)[:60])
    return rows == [['1']]


def set_desync(on):
    """Let this Galera member lag behind the others, or end that.

    :raises failure.NodeError: the server did not take it.
    """
    value = 'ON' if on else 'OFF'
    if ask('SET GLOBAL wsrep_desync=%s' % value) is None:
        raise failure.NodeError(
            'The database did not take wsrep_desync=%s.' % value, _HINT)


def undo_desync():
    """End the lag; a server that is down has forgotten about it.

    :raises failure.NodeError: it did not take it, or nobody knows whether it
        lags.
    """
    if desynced():
        set_desync(False)


def dump(folder):
    """Dump all databases and all grants into a folder.

    :returns: {'file', 'bytes', 'stored_bytes', 'grants'}.
    :raises failure.NodeError: the dump is not whole.
    """
    words = inside.tool(('mariadb-dump', 'mysqldump'), *_CONTAINERS)
    if words is None:
        raise failure.NodeError(
            'A database answers here but there is no mariadb-dump.',
            'Install the client tools of the database on this node.')
    path = os.path.join(folder, 'database.sql.gz')
    size = _compressed(words + _OPTIONS + _spared(), path)
    grants = os.path.join(folder, 'grants.sql')
    _write_private(grants, _grants())
    return {'file': os.path.basename(path), 'bytes': size,
            'stored_bytes': os.path.getsize(path),
            'grants': os.path.getsize(grants)}


def _spared():
    """Give the options that leave out what is no database: the server takes
    any folder among its data for one, such as lost+found."""
    return ['--ignore-database=' + row[0]
            for row in ask('SHOW DATABASES') or []
            if row[0].startswith(_NO_DATABASE)]


def _compressed(words, path):
    size, tail = 0, b''
    temporary = path + '.new'
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=errors, env=command.environment())
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
                          0o600), 'wb') as raw:
            with gzip.GzipFile('', 'wb', 3, raw, 0) as handle:
                for block in iter(lambda: process.stdout.read(_BLOCK), b''):
                    handle.write(block)
                    size += len(block)
                    tail = (tail + block)[-4096:]
            raw.flush()
            os.fsync(raw.fileno())
        status = process.wait()
        errors.seek(0)
        said = errors.read().decode('utf-8', 'replace')
    if status or TRAILER not in tail:
        os.unlink(temporary)
        raise failure.NodeError(
            'The database dump is not whole (exit status %d: %s).'
            % (status, command.last_line(said)), _HINT)
    os.rename(temporary, path)
    return size


def _grants():
    users = ask(_USERS)
    if users is None:
        raise failure.NodeError('The list of database users is not readable.',
                                _HINT)
    lines = []
    for row in users:
        # The client escapes backslashes once more in its output.
        user = re.sub(r'\\(.)', r'\1', row[0])
        for statement in ('SHOW CREATE USER %s', 'SHOW GRANTS FOR %s'):
            rows = ask(statement % user) or []
            lines += [line[-1] + ';' for line in rows]
    return '\n'.join(lines) + '\n'


def _write_private(path, text):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
              'w', encoding='utf-8', errors='surrogateescape') as handle:
        handle.write(text)
