# SPDX-License-Identifier: Apache-2.0
"""The service has its own files back, with a storage and a key alone."""
import os
import pathlib
import tempfile
import unittest

from baas import keys
from baas.storage import manifest
from baas.storage import parts
from baas.storage import service_files
from baas.tests.functional import forked
from baas.tests.unit.storage import places
from baas.tests.unit.storage import test_manifest

ABOUT = {**test_manifest.ABOUT, 'node': 'n1', 'quiesced': []}


class ExtractTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        share = self.folder / 'share'
        share.mkdir()
        self.config = self.folder / 'baas.conf'
        self.config.write_text(
            f'[DEFAULT]\nstate_path = {self.folder}\n'
            f'[storage_file]\npath = {share}\n')
        self.key = keys.create(self.folder / 'key')
        self.storage = places.file_storage(self.folder, share, self.key.cloud)
        self.storage.check()
        self.own = self.folder / 'own.conf'
        self.out = self.folder / 'out'

    def store(self, id, text, **more):
        """Store a backup, with a file of the service that has some text."""
        service = {}
        if text is not None:
            self.own.write_text(text)
            packed, _ = service_files.pack([str(self.own)])
            service = {'archive': parts.add(
                self.storage, 'n1', 'service', service_files.seal(
                    places.configuration(self.folder), self.key, packed))}
        manifest.write(self.storage, self.key, manifest.build(
            {**ABOUT, 'backup': id, 'cloud': self.key.cloud,
             'service': service, **more}, test_manifest.CAPTURE))
        return service.get('archive')

    def extract(self, *words):
        return forked.run(
            'manage', '--config-file', str(self.config), 'service', 'extract',
            str(self.out), *words, env={**os.environ, 'COLUMNS': '200'})

    def extracted(self):
        return (self.out / str(self.own)[1:]).read_text()

    def test_the_newest_are_written_and_no_database_is_made(self):
        self.store('b1', 'old', created='2026-01-01T00:00:00Z')
        self.store('b2', 'new', created='2026-01-02T00:00:00Z')
        self.store('b3', None, created='2026-01-03T00:00:00Z')
        said = self.extract()
        self.assertEqual((0, ''), (said.returncode, said.stderr))
        self.assertIn('backup b2 of n1, 2026-01-02T00:00:00Z\nwritten: ',
                      said.stdout)
        self.assertEqual('new', self.extracted())
        self.assertFalse((self.folder / 'baas.sqlite').exists())

    def test_those_of_a_backup_can_be_chosen(self):
        self.store('b1', 'old', created='2026-01-01T00:00:00Z')
        self.store('b2', 'new', created='2026-01-02T00:00:00Z')
        self.assertEqual(0, self.extract('--backup', 'b1').returncode)
        self.assertEqual('old', self.extracted())

    def test_again_changes_nothing_and_others_stay(self):
        self.store('b1', 'old')
        self.extract()
        said = self.extract()
        self.assertEqual(0, said.returncode)
        self.assertIn('there already, the same: ', said.stdout)
        (self.out / str(self.own)[1:]).write_text('mine')
        said = self.extract()
        self.assertEqual(1, said.returncode)
        self.assertIn('not written, another is there: ', said.stdout)
        self.assertEqual('mine', self.extracted())

    def refused(self, words, *more):
        said = self.extract(*more)
        self.assertEqual((1, ''), (said.returncode, said.stdout))
        self.assertRegex(said.stderr, words)
        self.assertIn('hint: ', said.stderr)
        self.assertFalse(self.out.exists())

    def test_where_there_are_none_it_says_so(self):
        self.refused('has no backup of cloud')
        self.store('b1', None)
        self.refused('None of 1 backups on file:')
        self.refused('Backup b1 on file:.* has no files', '--backup', 'b1')
        self.refused('There is no backup b9 on file:', '--backup', 'b9')

    def test_damaged_ones_are_refused(self):
        told = self.store('b1', 'old')
        path = pathlib.Path(self.storage.location.removeprefix('file://'),
                            told['object'])
        path.write_bytes(path.read_bytes()[:-1])
        self.refused('are not what was stored')

    def test_a_forged_manifest_is_not_believed(self):
        self.store('b1', 'old')
        path = pathlib.Path(self.storage.location.removeprefix('file://'),
                            'n1', 'manifests', 'b1.json')
        path.write_bytes(path.read_bytes().replace(b'nightly', b'nightlx'))
        self.refused('refused, 1, the first: .*changed')

    def test_another_key_finds_nothing(self):
        self.store('b1', 'old')
        (self.folder / 'key').unlink()
        keys.create(self.folder / 'key')
        self.refused('has no backup of cloud .*there are folders of .'
                     + self.key.cloud)
