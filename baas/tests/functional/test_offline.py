# SPDX-License-Identifier: Apache-2.0
"""baas-manage restore says what is in its way; what it does on machines the
lab shows."""
import fcntl
import os
import pathlib
import tempfile
import unittest

from baas import keys
from baas.storage import manifest
from baas.tests.functional import forked
from baas.tests.unit.storage import places
from baas.tests.unit.storage import test_manifest

ABOUT = {**test_manifest.ABOUT, 'quiesced': []}


class RestoreTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        share = self.folder / 'share'
        share.mkdir()
        self.inventory = self.folder / 'inventory.yaml'
        self.inventory.write_text(
            'Controller: {hosts: {n1: {ansible_host: 198.51.100.1}, '
            'n2: {ansible_host: 198.51.100.2}}}\n'
            'Undercloud: {hosts: {u1: {ansible_connection: local}}}\n')
        self.config = self.folder / 'baas.conf'
        # What is gone with the service is still named.
        self.config.write_text(
            f'[DEFAULT]\nstate_path = {self.folder}/gone\n'
            'transport_url = rabbit://a:b@198.51.100.9/\n'
            '[database]\nconnection = mysql+pymysql://a:b@198.51.100.9/baas\n'
            f'[payload]\nkey_file = {self.folder}/key\n'
            f'[runner]\ninventory = {self.inventory}\n'
            'inventory_timeout = 600\n'
            '[targets]\nown_machine = undercloud\n'
            f'[storage_file]\npath = {share}\n')
        self.key = keys.create(self.folder / 'key')
        self.storage = places.file_storage(self.folder, share, self.key.cloud)
        self.storage.check()
        self.work = self.folder / 'work'

    def store(self, id, node, **more):
        manifest.write(self.storage, self.key, manifest.build(
            {**ABOUT, 'backup': id, 'cloud': self.key.cloud, 'node': node,
             **more}, test_manifest.CAPTURE))

    def restore(self, *words):
        return forked.run(
            'manage', '--config-file', str(self.config), 'restore',
            '--folder', str(self.work), *words,
            env={**os.environ, 'COLUMNS': '200'})

    def refused(self, reason, *words):
        said = self.restore(*words)
        self.assertEqual(1, said.returncode, said.stdout)
        self.assertRegex(said.stderr, f'(?m)^error: .*{reason}')
        self.assertRegex(said.stderr, '(?m)^  hint: ')
        self.assertNotIn('Traceback', said.stderr)
        self.assertNotIn(' INFO ', said.stderr)
        self.assertFalse((self.folder / 'gone').exists())
        return said

    def test_a_node_or_a_set_has_to_be_named(self):
        self.refused('NODE: one of a node, --set and --undo')
        self.refused('NODE: .*no two of them', 'n1', '--set', 's1')

    def test_a_storage_without_backups_is_told(self):
        self.refused('has no backup of cloud', 'n1')

    def test_what_is_not_there_is_named(self):
        self.store('b1', 'n1')
        said = self.refused('no backup with node n2', 'n2')
        self.assertIn('1 backups are on the storage', said.stdout)
        self.refused('b9', 'n1', '--backup', 'b9')
        self.refused('s9', '--set', 's9')
        self.refused('n9', 'n9')

    def test_a_set_of_other_nodes_is_refused(self):
        self.store('b1', 'n1')
        self.refused('has no backup of n2', '--set', ABOUT['set'])

    def test_this_machine_is_no_node_whatever_the_configuration_says(self):
        self.store('b1', 'u1', target='undercloud')
        self.refused('u1 is the machine that the service itself runs on',
                     'u1')

    def test_where_nothing_is_left_there_is_nothing_to_undo(self):
        self.store('b1', 'n1')
        said = self.restore('--undo')
        self.assertEqual((0, '1 backups are on the storage\n'),
                         (said.returncode, said.stdout))

    def test_hints_lead_to_no_api(self):
        self.store('b1', 'n1')
        for words in (['n9'], ['--set', 's9'], ['n1', '--backup', 'b9']):
            self.assertNotIn('/v1', self.restore(*words).stderr)

    def test_an_inventory_that_is_not_there_is_named(self):
        self.store('b1', 'n1')
        self.inventory.unlink()
        self.refused('inventory.yaml', 'n1')

    def test_a_folder_that_cannot_be_made_is_named(self):
        self.store('b1', 'n1')
        self.work.write_text('in the way')
        self.refused('work/conf.d cannot be written: Not a directory', 'n1')

    def test_two_at_once_are_refused(self):
        self.store('b1', 'n1')
        self.work.mkdir()
        with open(self.work / 'conductor-offline.lock', 'w') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.refused('is at work already', 'n1')

    def test_what_it_makes_is_for_its_user_alone(self):
        self.store('b1', 'n1')
        self.restore('n2')
        self.assertEqual({0o700}, {
            path.stat().st_mode & 0o700 | path.stat().st_mode & 0o77
            for path in self.work.rglob('*') if path.is_dir()} | {
                self.work.stat().st_mode & 0o777})
        self.assertEqual(0o600, (
            self.work / 'offline.sqlite').stat().st_mode & 0o777)
