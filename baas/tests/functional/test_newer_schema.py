# SPDX-License-Identifier: Apache-2.0
"""What each program says of a database that a later release has brought up:
it does not begin, and nothing is made."""
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from baas.tests.functional import forked
from baas.tests.functional import starting
from baas.tests import ports

WANTED = 'The database has schema 9999 of a later release'
_WSGI = '''
from baas import errors
try:
    import baas.wsgi.api
except errors.BaasError as error:
    print(error)
'''


class NewerSchemaTest(unittest.TestCase):

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        inventory = self.folder / 'inventory.json'
        inventory.write_text('{}')
        port = ports.free()
        path = self.folder / 'baas.sqlite'
        database = sqlite3.connect(path)
        with database:
            database.execute('CREATE TABLE alembic_version '
                             '(version_num VARCHAR(32) NOT NULL)')
            database.execute("INSERT INTO alembic_version VALUES ('9999')")
        database.close()
        self.config = self.folder / 'baas.conf'
        self.config.write_text(
            f'[DEFAULT]\nstate_path = {self.folder}/state\n'
            f'[api]\nauth_strategy = noauth\nbind_port = {port}\n'
            f'[runner]\ninventory = {inventory}\n'
            f'[payload]\nrestic = {starting.restic(self.folder)}\n'
            f'[database]\nconnection = sqlite:///{path}\n')
        self.before = {item: item.read_bytes()
                       for item in self.folder.iterdir()}

    def run_program(self, program, *words):
        """Run a program; give how it ended, once nothing was made."""
        done = forked.run(program, '--config-file', str(self.config), *words)
        self.demand_nothing_made()
        return done

    def demand_nothing_made(self):
        self.assertEqual(self.before, {
            item: item.is_file() and item.read_bytes()
            for item in self.folder.iterdir()})

    def refused(self, program, *words):
        """See a program end with one cause and one hint; give what it said
        on the standard output."""
        done = self.run_program(program, *words)
        self.assertEqual(1, done.returncode, done.stderr)
        cause, hint = done.stderr.splitlines()
        self.assertIn(f'error: {WANTED}', cause)
        self.assertIn('  hint: Install the release', hint)
        return done.stdout

    def test_no_program_starts(self):
        for program in ('standalone', 'conductor', 'api'):
            with self.subTest(program=program):
                self.refused(program)

    def test_no_command_works(self):
        for words in (('db', 'sync'), ('key', 'create'),
                      ('backup', 'key', 'some')):
            with self.subTest(words=words):
                self.refused('manage', *words)

    def test_the_revision_is_shown_and_is_an_error(self):
        self.assertEqual('9999\n', self.refused('manage', 'db', 'version'))

    def test_a_server_gets_no_application(self):
        done = subprocess.run(
            [sys.executable, '-W', 'ignore', '-c', _WSGI],
            env={**os.environ, 'OS_BAAS_CONFIG_FILES': str(self.config)},
            text=True, capture_output=True, timeout=60)
        self.demand_nothing_made()
        self.assertIn(WANTED, done.stdout)

    def test_the_check_of_an_upgrade_does_not_advise_a_sync(self):
        done = self.run_program('status', 'upgrade', 'check')
        self.assertEqual(2, done.returncode, done.stderr)
        self.assertIn(WANTED, ' '.join(done.stdout.replace('|', '').split()))
        self.assertNotIn('db sync', done.stdout)


if __name__ == '__main__':
    unittest.main()
