# SPDX-License-Identifier: Apache-2.0
"""A MariaDB server of one test's own."""
import os
import pathlib
import shutil
import tempfile
import unittest

from baas.tests.integration import process

PASSWORD = 'of-the-tests'


_CLIENT = '''#!/bin/sh
[ "$1" = --no-defaults ] && shift
exec %s --no-defaults --socket=%s -uroot "$@"
'''


class MariaDB:
    """mariadbd on the loopback, with a database ``baas``.

    :param folder: where its data go (:class:`pathlib.Path`).
    :param options: further words for the server.
    :ivar data: the folder of its data.
    """

    def __init__(self, folder, options=()):
        self.port = process.free_port()
        self.data = folder / 'mariadb'
        # Nowhere else may the server write.
        self._socket = self.data / 'sql.sock'
        self._user = 'mysql' if os.getuid() == 0 else None
        # A server that starts removes what those beside it have there.
        self._temporary = folder / 'mariadb-tmp'
        self.process = process.Process(
            'mariadbd',
            [shutil.which('mariadbd', path='/usr/sbin:/usr/bin'),
             '--no-defaults', *self._as_user(), f'--datadir={self.data}',
             f'--tmpdir={self._temporary}',
             f'--socket={self._socket}', f'--port={self.port}',
             '--bind-address=127.0.0.1', '--skip-name-resolve',
             f'--pid-file={self.data / "pid"}', *options], folder)

    @property
    def url(self):
        """What ``[database] connection`` takes."""
        return (f'mysql+pymysql://baas:{PASSWORD}@127.0.0.1:{self.port}/baas'
                '?charset=utf8mb4')

    def start(self, account=True):
        """Make data and database at the first start; give itself.

        :param account: False where the database comes from elsewhere.
        """
        fresh = not self.data.exists()
        self._temporary.mkdir(exist_ok=True)
        if self._user:
            shutil.chown(self._temporary, self._user)
        if fresh:
            self._make()
        # The port is open before the socket is, if only for a moment.
        self.process.start().wait_until(
            lambda: process.answers(self.port)
            and process.answers(self._socket), 'MariaDB listens')
        if fresh and account:
            self.open_account()
        return self

    def open_account(self):
        """Make the database and who may use it."""
        self.ask("CREATE DATABASE baas CHARACTER SET utf8mb4; "
                 "CREATE USER baas@'127.0.0.1' IDENTIFIED BY "
                 f"'{PASSWORD}'; GRANT ALL ON baas.* TO baas@'127.0.0.1'")

    def ask(self, sql):
        """Ask as root.

        :returns: the lines of the answer, columns parted by tabs.
        """
        return process.run(
            ['mariadb', '--no-defaults', f'--socket={self._socket}', '-uroot',
             '-N', '-B', '-e', sql]).splitlines()

    def clients(self):
        """Make clients that ask this server and no other.

        :returns: the folder that they are in, for $PATH.
        """
        folder = self.data.parent / 'bin'
        folder.mkdir(exist_ok=True)
        for name in ('mariadb', 'mariadb-dump'):
            (folder / name).write_text(_CLIENT % (
                shutil.which(name, path='/usr/sbin:/usr/bin'),
                self._socket))
            (folder / name).chmod(0o755)
        return folder

    def kill(self):
        """Take its power away; its data stay."""
        self.process.kill()

    def stop(self):
        """End it."""
        self.process.stop()

    def _as_user(self):
        return [f'--user={self._user}'] if self._user else []

    def _make(self):
        process.run(
            ['mariadb-install-db', '--no-defaults', *self._as_user(),
             f'--datadir={self.data}', f'--tmpdir={self._temporary}',
             '--skip-test-db',
             '--auth-root-authentication-method=normal'])


class ServerTest(unittest.TestCase):
    """A test on a node whose database is a server of its own.

    :cvar folder: where that is (:class:`pathlib.Path`).
    :cvar server: :class:`MariaDB`; clients in $PATH ask it.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-node-db-'))
        cls.folder.chmod(0o755)
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.server = MariaDB(cls.folder).start()
        cls.addClassCleanup(cls.server.stop)
        cls.addClassCleanup(os.environ.__setitem__, 'PATH',
                            os.environ['PATH'])
        os.environ['PATH'] = f'{cls.server.clients()}:{os.environ["PATH"]}'
