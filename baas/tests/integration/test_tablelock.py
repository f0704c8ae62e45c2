# SPDX-License-Identifier: Apache-2.0
"""The lock on the database, on a server of one's own."""
import os
import threading
import time

from baas.node.cluster import mariadb_lock
from baas.node.system import clock
from baas.tests.integration import mariadb


class LockTest(mariadb.ServerTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.ask('CREATE TABLE baas.t (n INT PRIMARY KEY)')

    def setUp(self):
        super().setUp()
        self.addCleanup(setattr, mariadb_lock, '_LOGIN', mariadb_lock._LOGIN)
        mariadb_lock._LOGIN = 60
        self.lock = mariadb_lock.Lock()
        self.addCleanup(self.lock.release)
        self.server.ask('DELETE FROM baas.t')

    def take(self, seconds=15, within=60):
        return self.lock.take(seconds, clock.boottime() + within)

    def write(self):
        """Write a row from another thread; give that."""
        thread = threading.Thread(target=self.server.ask, args=(
            'INSERT INTO baas.t VALUES (1)',))
        thread.start()
        self.addCleanup(thread.join)
        return thread

    def rows(self):
        return int(self.server.ask('SELECT COUNT(*) FROM baas.t')[0])

    def test_nothing_commits_and_readers_go_on(self):
        self.assertGreater(self.take()['connection'], 0)
        writer = self.write()
        time.sleep(0.5)
        self.assertEqual(0, self.rows())
        self.lock.release()
        writer.join(60)
        self.assertEqual(1, self.rows())

    def test_a_login_beforehand_is_the_session_that_locks(self):
        self.assertTrue(self.lock.connect(clock.boottime() + 30))
        self.write().join(60)
        self.assertEqual(1, self.rows())
        others = self.server.ask(
            'SELECT id FROM information_schema.processlist '
            'WHERE id <> CONNECTION_ID()')
        self.assertIn(str(self.take()['connection']), others)

    def test_the_lock_ends_with_the_process_that_holds_it(self):
        said = self.take()
        writer = self.write()
        os.kill(said['client']['pid'], 9)
        writer.join(60)
        self.assertEqual(1, self.rows())

    def test_the_plain_lock_serves_where_stages_are_not_known(self):
        before = mariadb_lock.STAGES
        self.addCleanup(setattr, mariadb_lock, 'STAGES', before)
        mariadb_lock.STAGES = ('BACKUP SOMEHOW',)
        self.assertGreater(self.take()['connection'], 0)
        writer = self.write()
        time.sleep(0.5)
        self.assertEqual(0, self.rows())
        self.lock.release()
        writer.join(60)

    def test_another_lock_is_waited_for_only_shortly(self):
        other = mariadb_lock.Lock()
        self.addCleanup(other.release)
        other.take(15, clock.boottime() + 60)
        began = time.monotonic()
        said = self.take(1)
        # Not as long as it is of use.
        self.assertLess(time.monotonic() - began, 25)
        self.assertIn('not locked', said['cause'])
        other.release()
        time.sleep(0.3)
        self.assertIn('connection', mariadb_lock.Lock().take(
            15, clock.boottime() + 60))

    def test_the_server_itself_ends_a_lock_that_was_forgotten(self):
        self.lock.connect(clock.boottime() + 60)
        self.take(within=4)
        [[limit]] = [self.server.ask(
            'SELECT COUNT(*) FROM information_schema.processlist')]
        self.assertEqual(2, int(limit))
        until = time.monotonic() + 60
        while time.monotonic() < until and int(self.server.ask(
                'SELECT COUNT(*) FROM information_schema.processlist')[0]) > 1:
            time.sleep(0.5)
        self.assertEqual(['1'], self.server.ask(
            'SELECT COUNT(*) FROM information_schema.processlist'))

    def test_no_server_is_a_sentence(self):
        link = self.folder / 'bin' / 'mariadb'
        text = link.read_text()
        self.addCleanup(link.write_text, text)
        link.write_text('#!/bin/sh\necho "ERROR 2002 (HY000): down" >&2\n'
                        'exit 1\n')
        self.assertIn('ERROR 2002', self.take()['cause'])
