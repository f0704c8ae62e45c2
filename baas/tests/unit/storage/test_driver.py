# SPDX-License-Identifier: Apache-2.0
import pathlib
import shutil
import tempfile
import unittest

from baas import errors
from baas.storage import driver
from baas.storage.drivers import file
from baas.storage.drivers import nfs
from baas.storage.drivers import sftp
from baas.tests.unit.storage import places


class LoadTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def load(self, name, **sections):
        return driver.load(places.configuration(
            self.folder, storage={'driver': name}, **sections), None)

    def test_the_configured_driver_is_made(self):
        made = self.load('file', storage_file={'path': '/srv'})
        self.assertIs(file.FileStorage, type(made))
        made = self.load('nfs', storage_nfs={'host': 'h', 'export': '/srv'})
        self.assertIs(nfs.NfsStorage, type(made))
        made = self.load('sftp', storage_sftp={'host': 'h', 'path': '/srv'})
        self.assertIs(sftp.SftpStorage, type(made))

    def test_making_a_storage_reaches_for_nothing(self):
        self.load('sftp', storage_sftp={'host': 'h.invalid', 'path': '/x'})
        self.load('file', storage_file={'path': '/nowhere'})
        self.load('nfs', storage_nfs={'host': 'h.invalid', 'export': '/x'})

    def test_an_unknown_driver_is_refused_and_the_known_are_named(self):
        with self.assertRaises(errors.ConfigurationError) as caught:
            self.load('tape')
        self.assertIn('tape', str(caught.exception))
        self.assertIn('file, nfs, sftp', caught.exception.hint)

    def test_what_the_driver_lacks_is_told(self):
        with self.assertRaisesRegex(errors.ConfigurationError,
                                    r'\[storage_file\] path'):
            self.load('file')
