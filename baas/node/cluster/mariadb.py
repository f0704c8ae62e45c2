# SPDX-License-Identifier: Apache-2.0
"""The node's own MariaDB or MySQL server: questions, and the whole dump."""
import json
import os
import re

from baas.node.cluster import mariadb_dump
from baas.node import errors
from baas.node.system import command
from baas.node.system import container_tool
from baas.node.system import presence

_NO_DATABASE = '#mysql50#'
"""What the server puts before names that no database can have."""
_HINT = 'See that root can log in to the local server, as with `mysql`.'
_STATEMENT = re.compile(r'ERROR \d+ \(\w+\) at line \d+')
"""How the client says that the server is there and refuses."""
SERVERS = ('mariadbd', 'mysqld')
"""Names of the processes of a server."""
_CONTAINERS = ('galera', 'mariadb', 'mysql')
# The image of kolla-ansible has no settings for clients. Its server has the
# login of root among its own, for other members that copy its files.
_LOGIN = '''auth=
[ -e ~/.my.cnf ] || auth=$(my_print_defaults --mysqld 2>/dev/null |
    sed -n 's/^--wsrep[-_]sst[-_]auth=//p' | tail -n 1)
[ -z "$auth" ] || {
    export MYSQL_PWD="${auth#*:}"
    set -- "--user=${auth%%:*}" "$@"
}
exec "$0" "$@"'''
# With locks of tables in it, a dump cannot be loaded into a Galera cluster.
_OPTIONS = ['--single-transaction', '--quick', '--routines', '--events',
            '--triggers', '--hex-blob', '--skip-add-locks']
# Tables of the server itself are no part: those of the engine Aria are made
# anew on all members of a cluster, and filled on one alone. Accounts are
# kept as statements, which all members carry out.
_SYSTEM = ('information_schema', 'performance_schema', 'mysql', 'sys')
_NOTHING = ['--no-data', '--no-create-info', '--skip-routines',
            '--skip-events', '--skip-triggers', '--databases', 'mysql']
"""What is dumped where there is no database but those of the server."""
_USERS = (r"SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) FROM mysql.user "
          r"WHERE Host <> '' ORDER BY 1")
_KNOWS_ROLES = ("SELECT COUNT(*) FROM information_schema.columns WHERE "
                "table_schema='mysql' AND table_name='user' "
                "AND column_name='is_role'")
_ROLES = "SELECT QUOTE(User) FROM mysql.user WHERE is_role='Y' ORDER BY 1"
_CLIENTS = ("SELECT COUNT(*) FROM information_schema.processlist WHERE host "
            "NOT IN ('', 'localhost') AND host NOT LIKE 'localhost:%'")
_COMMITTED = ("SHOW GLOBAL STATUS WHERE Variable_name IN "
              "('wsrep_cluster_state_uuid', 'wsrep_last_committed')")


class Refused(errors.Unknown):
    """The server answers, and does not do what a statement says."""


def client():
    """Give the words the client starts with, or None.

    :raises errors.Unknown: nobody can tell.
    """
    return _tool('mariadb', 'mysql')


def _tool(*names):
    words = container_tool.tool(names, *_CONTAINERS)
    if words is None or len(words) == 1:
        return words
    return words[:-1] + ['sh', '-c', _LOGIN, words[-1]]


def ask(statement, seconds=10):
    """Run a statement on the local server.

    :returns: list of rows, each a list of str; None when no server runs.
    :raises Refused: the server answers, and does not do that.
    :raises errors.Unknown: one runs, and does not answer.
    """
    words, said = client(), 'there is no client for it'
    if words is not None:
        status, out, errors = command.attempt(
            words + ['--connect-timeout=5', '-N', '-B', '-e', statement],
            seconds)
        if not status:
            return [line.split('\t') for line in out.splitlines()]
        said = command.last_line(errors or out)
        if _STATEMENT.search(errors):
            raise Refused('The database refuses a statement: %s.' % said,
                          _HINT)
    if presence.runs(*SERVERS):
        raise _silent(said)
    return None


def _silent(said):
    return errors.Unknown(
        'A database server runs on this node and does not answer: %s.' % said,
        _HINT)


def answers():
    """Tell whether there is a database on this node.

    :returns: False where no server runs.
    :raises errors.Unknown: one runs, and does not answer.
    """
    rows = ask('SELECT 1')
    if rows not in (None, [['1']]):
        raise _silent('it says %s' % ascii(rows)[:60])
    return rows is not None


def clients():
    """Count the sessions that come over the network.

    :returns: None where no server runs.
    :raises errors.Unknown: it does not say.
    """
    rows = ask(_CLIENTS)
    if rows is None:
        return None
    if len(rows) != 1 or not rows[0][0].isdigit():
        raise _silent('it says %s' % ascii(rows)[:60])
    return int(rows[0][0])


def desynced():
    """Tell whether this Galera member is told to lag.

    :raises errors.Unknown: it does not say.
    """
    rows = ask('SELECT @@GLOBAL.wsrep_desync')
    if rows not in (None, [['0']], [['1']]):
        raise _silent('wsrep_desync is %s' % ascii(rows)[:60])
    return rows == [['1']]


def set_desync(on):
    """Let this Galera member lag behind the others, or end that.

    :raises errors.NodeError: the server did not take it.
    """
    value = 'ON' if on else 'OFF'
    if ask('SET GLOBAL wsrep_desync=%s' % value) is None:
        raise errors.NodeError(
            'The database did not take wsrep_desync=%s.' % value, _HINT)


def undo_desync():
    """End the lag; a server that is down has forgotten about it.

    :raises errors.NodeError: it did not take it, or nobody knows whether it
        lags.
    """
    if desynced():
        set_desync(False)


def dump(folder):
    """Dump all databases and all accounts into a folder, and tell of which
    moment they are.

    :returns: {'file', 'bytes', 'stored_bytes', 'grants', 'untold': accounts
        of which the server does not tell, such as those that it ignores,
        'position': {'galera': {'uuid', 'first', 'last': between which
        transactions of the cluster the dump is, last None when that is not
        known} or None without Galera, 'binlog': {'file',
        'position', 'gtid'} of the dump itself or None}}.
    :raises errors.NodeError: the dump is not whole.
    """
    words = _tool('mariadb-dump', 'mysqldump')
    if words is None:
        raise errors.NodeError(
            'A database answers here but there is no mariadb-dump.',
            'Install the client tools of the database on this node.')
    path = os.path.join(folder, 'database.sql.gz')
    stream = mariadb_dump.Stream(
        words + _OPTIONS + _logged() + _databases(), _committed)
    size = stream.compress(path, _HINT)
    grants = os.path.join(folder, 'grants.sql')
    text, untold = _grants()
    _write_private(grants, text)
    position = stream.position()
    _write_private(os.path.join(folder, 'position.json'),
                   json.dumps(position, sort_keys=True) + '\n')
    return {'file': os.path.basename(path), 'bytes': size,
            'stored_bytes': os.path.getsize(path),
            'grants': os.path.getsize(grants), 'untold': untold,
            'position': position}


def _databases():
    """Give the options that name what is dumped. The server takes any folder
    among its data for a database, such as lost+found."""
    names = [row[0] for row in _demand('SHOW DATABASES')
             if row[0].lower() not in _SYSTEM
             and not row[0].startswith(_NO_DATABASE)]
    return ['--databases', '--'] + names if names else _NOTHING


def _logged():
    """Give the options that have a dump tell its place in the binary log,
    where there is one and that locks nothing."""
    [[version, logs]] = _demand('SELECT VERSION(), @@GLOBAL.log_bin')
    return (['--master-data=2', '--gtid']
            if 'MariaDB' in version and logs == '1' else [])


def _demand(statement):
    """Give the rows of an answer; no answer is an error."""
    rows = ask(statement)
    if rows is None:
        raise errors.NodeError(
            'The database did not answer %s.' % statement[:60], _HINT)
    return rows


def _committed():
    """Tell the last transaction of the cluster that this member has:
    (uuid, number), or None without Galera."""
    values = dict(row for row in _demand(_COMMITTED) if len(row) == 2)
    number = values.get('wsrep_last_committed', '')
    if not number.isdigit():
        return None
    return values.get('wsrep_cluster_state_uuid', ''), int(number)


def _grants():
    """Write all roles and accounts as statements that can be carried out
    where some of them are there, and again.

    :returns: (text, names of the accounts that are not in it).
    """
    roles = []
    if _demand(_KNOWS_ROLES) != [['0']]:
        roles = [_unescaped(row[0]) for row in _demand(_ROLES)]
    users = [_unescaped(row[0]) for row in _demand(_USERS)]
    lines = ['CREATE ROLE IF NOT EXISTS %s' % role for role in roles]
    granted, untold = [], []
    for name in roles + users:
        try:
            made = [] if name in roles else _demand(
                'SHOW CREATE USER %s' % name)
            grants = _demand('SHOW GRANTS FOR %s' % name)
        except Refused:
            # Not each row of the table is an account.
            untold.append(name)
            continue
        for row in made:
            account = re.sub('^CREATE USER ', '', row[-1])
            lines += ['CREATE USER IF NOT EXISTS ' + account,
                      'ALTER USER ' + account]
        granted += [row[-1] for row in grants]
    return ''.join(line + ';\n' for line in lines + granted), untold


def _unescaped(name):
    # The client escapes backslashes once more in its output.
    return re.sub(r'\\(.)', r'\1', name)


def _write_private(path, text):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
              'w', encoding='utf-8', errors='surrogateescape') as handle:
        handle.write(text)
