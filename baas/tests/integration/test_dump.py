# SPDX-License-Identifier: Apache-2.0
"""The dump of a database, of a server of one's own."""
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import unittest

import pymysql

from baas.node.cluster import mariadb as database
from baas.tests.integration import galera
from baas.tests.integration import mariadb


class DumpTest(mariadb.ServerTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.ask("CREATE TABLE baas.t (s TEXT); "
                       "INSERT INTO baas.t VALUES ('kept')")

    def text(self):
        """Take a dump; give what is in it."""
        with gzip.open(self.folder / database.dump(self.folder)['file'],
                       'rt') as file:
            return file.read()

    def test_all_databases_are_in_it_and_all_accounts(self):
        self.assertIn("('kept')", self.text())
        self.assertIn('`baas`@`127.0.0.1`',
                      (self.folder / 'grants.sql').read_text())

    def test_no_table_is_locked_to_load_it(self):
        self.assertNotIn('LOCK TABLES', self.text())

    def test_no_table_of_the_server_itself_is_made_anew(self):
        text = self.text()
        for name in ('mysql', 'sys', 'performance_schema'):
            self.assertNotIn(f'`{name}`', text)

    def test_a_folder_among_the_data_that_is_no_database_is_left_out(self):
        # As on a volume of its own that has ext4.
        (self.folder / 'mariadb' / 'lost+found').mkdir(
            mode=0o700, exist_ok=True)
        self.assertIn('#mysql50#lost+found',
                      self.server.ask('SHOW DATABASES'))
        self.assertIn("('kept')", self.text())

    def test_a_name_that_looks_like_an_option_is_one_of_a_database(self):
        self.server.ask('CREATE DATABASE `--no-data`')
        self.addCleanup(self.server.ask, 'DROP DATABASE `--no-data`')
        text = self.text()
        self.assertIn('`--no-data`', text)
        self.assertIn("('kept')", text)

    def test_only_who_comes_over_the_network_is_a_client(self):
        self.assertEqual(0, database.clients())
        with pymysql.connect(host='127.0.0.1', port=self.server.port,
                             user='baas', password=mariadb.PASSWORD):
            self.assertEqual(1, database.clients())
        self.server.ask('SELECT 1')

    def test_a_server_alone_has_no_position(self):
        self.assertEqual({'galera': None, 'binlog': None},
                         database.dump(self.folder)['position'])
        self.assertEqual(
            {'galera': None, 'binlog': None},
            json.loads((self.folder / 'position.json').read_text()))


@unittest.skipIf(galera.missing(), galera.missing())
class ClusterTest(unittest.TestCase):
    """A dump of a member that logs, loaded into another, new cluster."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-galera-'))
        cls.folder.chmod(0o755)
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        for name in ('old', 'new', 'dump'):
            (cls.folder / name).mkdir()
        cls.old = galera.Cluster(
            cls.folder / 'old', options=['--log-bin', '--log-slave-updates'])
        cls.addClassCleanup(cls.old.stop)
        cls.old.start()
        cls.member = cls.old.members[1]
        cls.member.open_account()
        cls.member.ask(
            "CREATE TABLE baas.t (i INT PRIMARY KEY, s TEXT); "
            "INSERT INTO baas.t VALUES (1, 'kept'); "
            "CREATE PROCEDURE baas.p() SELECT 1; CREATE ROLE ops; "
            "GRANT SELECT ON *.* TO ops; CREATE USER `o'd`@'%' IDENTIFIED "
            "BY 'secret'; CREATE USER reader@'%' IDENTIFIED BY 'secret'; "
            "GRANT ops TO reader@'%'; SET DEFAULT ROLE ops FOR reader@'%'")
        cls.addClassCleanup(os.environ.__setitem__, 'PATH',
                            os.environ['PATH'])
        os.environ['PATH'] = f'{cls.member.clients()}:{os.environ["PATH"]}'

    def dumped(self):
        """Take a dump; give what is told of it."""
        return database.dump(self.folder / 'dump')

    def status(self, name):
        [line] = self.member.ask(f"SHOW STATUS LIKE '{name}'")
        return line.split('\t')[1]

    def test_its_position_is_that_of_its_own_snapshot(self):
        told = self.dumped()['position']
        number = int(self.status('wsrep_last_committed'))
        self.assertEqual(
            {'uuid': self.status('wsrep_cluster_state_uuid'),
             'first': number, 'last': number}, told['galera'])
        self.assertRegex(told['binlog']['gtid'], r'\d+-\d+-\d+')
        self.assertEqual(
            self.member.ask('SELECT @@gtid_current_pos'),
            [told['binlog']['gtid']])

    def test_while_rows_come_it_lies_between_two_positions(self):
        self.member.ask('CREATE OR REPLACE TABLE baas.n '
                        '(i INT PRIMARY KEY AUTO_INCREMENT)')
        done, stop = [], threading.Event()

        def write():
            while not stop.is_set():
                self.member.ask('INSERT INTO baas.n VALUES (NULL)')
                done.append(int(self.status('wsrep_last_committed')))

        thread = threading.Thread(target=write)
        thread.start()
        try:
            while len(done) < 3:
                pass
            told = self.dumped()['position']['galera']
        finally:
            stop.set()
            thread.join()
        self.assertLessEqual(done[0], told['first'])
        self.assertLessEqual(told['first'], told['last'])
        with gzip.open(self.folder / 'dump/database.sql.gz', 'rt') as file:
            rows = file.read().partition('INSERT INTO `n`')[2].partition(
                ';')[0].count('(')
        before = [number for number in done if number <= told['first']]
        within = [number for number in done if number <= told['last']]
        self.assertLessEqual(len(before), rows)
        # The last may be committed and not be noted yet.
        self.assertGreaterEqual(len(within) + 1, rows)

    def test_nobody_has_to_wait_for_it(self):
        self.member.ask("SET GLOBAL log_output='TABLE'; "
                        "SET GLOBAL general_log=1")
        self.dumped()
        self.member.ask('SET GLOBAL general_log=0')
        asked = self.member.ask('SELECT argument FROM mysql.general_log')
        self.assertTrue([one for one in asked if 'TRANSACTION' in one])
        self.assertFalse([one for one in asked if one.startswith(
            ('LOCK', 'FLUSH', 'BACKUP'))])

    def test_it_is_loaded_into_a_new_cluster_with_rows_on_all_members(self):
        self.dumped()
        new = galera.Cluster(self.folder / 'new')
        self.addCleanup(new.stop)
        new.start()
        first = new.members[0].clients() / 'mariadb'
        with gzip.open(self.folder / 'dump/database.sql.gz') as file:
            self.load(first, file.read())
        for _ in range(2):  # it may be done again
            self.load(first, (self.folder / 'dump/grants.sql').read_bytes())
        for member in new.members:
            new.wait(member)
            self.assertEqual(['1\tkept'], member.ask(
                'SELECT * FROM baas.t WHERE i = 1'))
            self.assertEqual(['1'], member.ask('CALL baas.p()'))
            member.ask('FLUSH PRIVILEGES')
            accounts = member.ask('SELECT User FROM mysql.user')
            for name in ("o'd", 'baas', 'root', 'ops', 'reader'):
                self.assertIn(name, accounts)
            self.assertIn('SET DEFAULT ROLE', ' '.join(member.ask(
                "SHOW GRANTS FOR reader@'%'")))

    def load(self, client, statements):
        """Have a client carry out statements, as an operator would."""
        done = subprocess.run([client], input=statements, timeout=120,
                              stderr=subprocess.PIPE)
        self.assertEqual((0, b''), (done.returncode, done.stderr))
