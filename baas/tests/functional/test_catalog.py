# SPDX-License-Identifier: Apache-2.0
"""baas-manage catalog import, of a storage that is not as it should be."""
import os
import pathlib
import shutil
import sqlite3
import tempfile
import unittest

from baas import keys
from baas.storage import manifest
from baas.tests.functional import forked
from baas.tests.unit.storage import places
from baas.tests.unit.storage import test_manifest

ABOUT = {**test_manifest.ABOUT, 'node': 'n1', 'quiesced': []}


class RefusedManifestTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.share = self.folder / 'share'
        self.share.mkdir()
        self.config = self.folder / 'baas.conf'
        self.config.write_text(
            f'[DEFAULT]\nstate_path = {self.folder}\n'
            f'[storage_file]\npath = {self.share}\n')
        self.assertEqual(0, self.manage('db', 'sync').returncode)
        self.key = keys.create(self.folder / 'key')
        self.storage = places.file_storage(self.folder, self.share,
                                           self.key.cloud)
        self.storage.check()
        self.place = self.share / self.key.cloud / 'n1' / 'manifests'
        for id in ('b1', 'b2'):
            self.store(id)

    def store(self, id, key=None, **more):
        manifest.write(self.storage, key or self.key, {**manifest.build(
            {**ABOUT, 'backup': id, 'cloud': self.key.cloud},
            test_manifest.CAPTURE), **more})

    def manage(self, *words, program='manage'):
        return forked.run(program, '--config-file', str(self.config), *words,
                          env={**os.environ, 'COLUMNS': '200'})

    def known(self):
        database = sqlite3.connect(self.folder / 'baas.sqlite')
        self.addCleanup(database.close)
        return sorted(id for id, in database.execute(
            'SELECT id FROM backups'))

    def check(self, reason, name='b3', known=('b1', 'b2')):
        """What is good is added, and the other is refused by its name."""
        said = self.manage('catalog', 'import')
        self.assertEqual((1, ''), (said.returncode, said.stderr))
        self.assertRegex(said.stdout,
                         f'(?m)^refused: n1/manifests/{name}.json: .*{reason}')
        self.assertIn(f'\nadded: {len(known)} (sets: 1), known already: 0, '
                      'refused: 1\nhint: ', said.stdout)
        self.assertEqual(list(known), self.known())

    def test_one_that_was_changed(self):
        path = self.place / 'b1.json'
        path.write_bytes(path.read_bytes().replace(b'nightly', b'nightlx'))
        self.check('was changed afterwards', 'b1', ['b2'])

    def test_one_that_was_cut_off(self):
        path = self.place / 'b1.json'
        path.write_bytes(path.read_bytes()[:100])
        self.check('was changed afterwards', 'b1', ['b2'])

    def test_one_without_a_signature(self):
        (self.place / 'b1.json.minisig').unlink()
        self.check('has no signature', 'b1', ['b2'])

    def test_one_of_another_key(self):
        self.store('b3', keys.MasterKey(bytes(32)))
        self.check('was not signed with this master key')

    def test_one_of_a_later_release(self):
        self.store('b3', format=2)
        self.check('is of a format that this release does not know')

    def test_one_in_the_place_of_another(self):
        for end in ('json', 'json.minisig'):
            shutil.copy(self.place / f'b1.{end}', self.place / f'b3.{end}')
        self.check('is that of another backup')

    def test_one_whose_name_has_other_capitals(self):
        for end in ('json', 'json.minisig'):
            (self.place / f'b1.{end}').rename(self.place / f'B1.{end}')
        self.check('is that of another backup', 'B1', ['b2'])

    def test_one_that_says_what_no_backup_can_have(self):
        for more in ({'created': 'now'}, {'created': 5}, {'set': None},
                     {'name': 'n' * 256}, {'target': 't' * 17},
                     {'payload': []}, {'payload': {'kind': 'restic'}},
                     {'outage_seconds': -1}, {'labels': 'none'},
                     {'expires': 'never'}, {'stopall': 'no'},
                     {'cloud': 'another'}, {'quiesce_mode': 'pause'},
                     {'target': 'moon'}, {'set': 's\x1b[31m\nX'},
                     {'set': '\udcff'}, {'outage_seconds': True},
                     {'created': '0001-01-01T00:00:00+14:00'}):
            with self.subTest(more):
                self.store('b3', **more)
                said = self.manage('catalog', 'import')
                self.assertEqual((1, ''), (said.returncode, said.stderr))
                self.assertRegex(said.stdout, '(?m)^refused: n1/manifests/b3'
                                 '.json: The manifest says what no backup')
                self.assertNotIn('Error', said.stdout)
                self.assertEqual(['b1', 'b2'], self.known())
                manifest.remove(self.storage, 'n1', 'b3')

    def test_what_stands_in_the_place_of_an_object(self):
        (self.place / 'b1.json.minisig').unlink()
        (self.place / 'b1.json.minisig').mkdir()
        self.check('directory', 'b1', ['b2'])

    def test_a_file_in_the_place_of_a_folder(self):
        other = self.place.parent.parent / 'n2'
        other.mkdir()
        (other / 'manifests').write_text('')
        os.symlink('manifests', self.place.parent.parent / 'n3')
        (self.place.parent.parent / 'a\nb').mkdir()
        said = self.manage('catalog', 'import')
        self.assertEqual((1, ''), (said.returncode, said.stderr))
        self.assertIn('\nrefused: n2/manifests: ', said.stdout)
        self.assertIn('\nrefused: a\\nb/manifests: ', said.stdout)
        self.assertEqual(['b1', 'b2'], self.known())

    def test_one_that_is_larger_than_any(self):
        os.truncate(self.place / 'b1.json', 3 << 30)
        self.check('is larger than any', 'b1', ['b2'])

    def test_nothing_that_is_stored_is_not_taken_for_success(self):
        shutil.rmtree(self.share / self.key.cloud)
        (self.share / 'something').mkdir()
        before = (self.folder / 'baas.sqlite').read_bytes()
        said = self.manage('catalog', 'import')
        self.assertEqual((1, ''), (said.returncode, said.stdout))
        self.assertIn(f'has no backup of cloud {self.key.cloud}; there are '
                      "folders of 'something'", said.stderr)
        # Which cloud the database is of is still open.
        self.assertEqual(before, (self.folder / 'baas.sqlite').read_bytes())

    def test_a_look_writes_nothing(self):
        before = (self.folder / 'baas.sqlite').read_bytes()
        self.manage('catalog', 'import', '--dry-run')
        self.manage('upgrade', 'check', program='status')
        self.assertEqual(before, (self.folder / 'baas.sqlite').read_bytes())

    def test_the_tables_of_an_earlier_release_are_told(self):
        database = sqlite3.connect(self.folder / 'baas.sqlite')
        database.execute("UPDATE alembic_version SET version_num = '0014'")
        database.commit()
        database.close()
        for words in ((), ('--dry-run',)):
            said = self.manage('catalog', 'import', *words)
            self.assertEqual((1, ''), (said.returncode, said.stdout))
            self.assertIn('baas-manage db sync', said.stderr)

    def test_the_folder_of_another_cloud_is_left_alone(self):
        other = keys.MasterKey(bytes(32))
        (self.share / other.cloud).mkdir()
        shutil.copytree(self.share / self.key.cloud / 'n1',
                        self.share / other.cloud / 'n9')
        said = self.manage('catalog', 'import')
        self.assertEqual(0, said.returncode, said.stdout)
        self.assertNotIn('n9', said.stdout)

    def test_nothing_is_added_where_the_storage_is_away(self):
        self.share.rename(self.folder / 'away')
        said = self.manage('catalog', 'import')
        self.assertEqual((1, ''), (said.returncode, said.stdout))
        self.assertIn('hint:', said.stderr)
        self.assertEqual([], self.known())

    def test_the_public_key_is_shown_and_no_secret(self):
        said = self.manage('key', 'public')
        self.assertEqual((0, self.key.public_key()),
                         (said.returncode, said.stdout))
        self.assertEqual(2, len(said.stdout.splitlines()))

    def test_a_list_that_lacks_what_is_stored_is_told_by_the_check(self):
        def check():
            said = self.manage('upgrade', 'check', program='status').stdout
            return ' '.join(said.replace('|', ' ').split())
        self.assertIn('The storage has 2 backups that the database does not '
                      'know, and 0 that prove nothing. Look with '
                      '"baas-manage catalog import --dry-run"', check())
        self.manage('catalog', 'import')
        self.assertNotIn('does not know', check())
