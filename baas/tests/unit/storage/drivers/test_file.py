# SPDX-License-Identifier: Apache-2.0
import os
import tempfile
import unittest

from baas import errors
from baas.storage import base
from baas.tests.unit import nolinks
from baas.tests.unit.storage.drivers import contract
from baas.tests.unit.storage import places


class FileStorageTest(contract.StorageContract, unittest.TestCase):
    def make(self, path, cloud=None):
        return places.file_storage(self.folder, path, cloud)

    writer = staticmethod(places.file_storage)

    def writer_arguments(self):
        return []

    def test_the_url_is_that_of_the_folder(self):
        quoted = str(self.root).replace(' ', '%20')
        self.assertEqual(f'file://{quoted}/n1', self.storage.url('n1'))

    def test_the_repository_is_a_path(self):
        self.assertEqual(f'{self.root}/n1/restic',
                         self.storage.repository('n1'))

    def test_a_relative_path_is_refused(self):
        with self.assertRaises(errors.ConfigurationError) as caught:
            places.file_storage(self.folder, '')
        self.assertIn('[storage_file] path', str(caught.exception))
        self.assertRaises(ValueError, self.make, 'backups')

    def test_only_the_service_can_read_what_it_stores(self):
        self.storage.write('node/a', b'1')
        self.assertEqual(0o600, os.stat(self.root / 'node/a').st_mode & 0o777)
        self.assertEqual(0o700, os.stat(self.root / 'node').st_mode & 0o777)

    def test_a_link_out_of_the_storage_is_not_listed(self):
        (self.root / 'node').mkdir()
        (self.root / 'node' / 'etc').symlink_to('/etc')
        self.assertEqual({}, self.listed())

    def test_a_file_where_a_folder_must_be_is_told(self):
        (self.root / 'node').write_text('')
        with self.assertRaises(base.StorageError):
            self.storage.write('node/a', b'')


class WithoutLinksTest(nolinks.WithoutLinks, FileStorageTest):
    """A share of a kind that has no hard links."""

    def setUp(self):
        super().setUp()
        with self.assertRaises(PermissionError):
            os.link(self.root, self.folder / 'linked')


class OverwritingTest(unittest.TestCase):

    def test_where_nothing_keeps_what_is_there_the_check_says_so(self):
        with tempfile.TemporaryDirectory() as folder:
            storage = places.file_storage(folder, folder)
            for call in (storage.check,
                         lambda: storage.write('node/a', b'1')):
                with self.assertRaises(base.StorageError) as caught:
                    nolinks.answering(nolinks.NEITHER, call)
                self.assertIn('neither hard links', caught.exception.cause)
                self.assertIn('has hard links', caught.exception.hint)
            self.assertEqual({}, {
                one.name: one.size for one in storage.list('')})
            self.assertEqual(['node'], os.listdir(folder))
