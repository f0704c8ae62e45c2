# SPDX-License-Identifier: Apache-2.0
"""The dump of a database, of a server of one's own."""
import gzip

from baas.node import database
from baas.tests.integration import mariadb


class DumpTest(mariadb.ServerTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.ask("CREATE TABLE baas.t (s TEXT); "
                       "INSERT INTO baas.t VALUES ('kept')")

    def test_all_databases_are_in_it_and_all_accounts(self):
        said = database.dump(self.folder)
        with gzip.open(self.folder / said['file'], 'rt') as file:
            text = file.read()
        self.assertIn("('kept')", text)
        self.assertIn('`baas`@`127.0.0.1`',
                      (self.folder / 'grants.sql').read_text())

    def test_a_folder_among_the_data_that_is_no_database_is_left_out(self):
        # As on a volume of its own that has ext4.
        (self.folder / 'mariadb' / 'lost+found').mkdir(mode=0o700)
        self.assertIn('#mysql50#lost+found',
                      self.server.ask('SHOW DATABASES'))
        with gzip.open(self.folder / database.dump(self.folder)['file'],
                       'rt') as file:
            self.assertIn("('kept')", file.read())
