# SPDX-License-Identifier: Apache-2.0
import hashlib
import pathlib
import shutil
import tempfile
import unittest

from baas.storage import base
from baas.storage import readback
from baas.tests.unit.storage import places


class ReadTest(unittest.TestCase):
    """Has a storage with files that are named after their content."""

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-read-'))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / 'share').mkdir()
        self.storage = places.file_storage(self.folder, self.folder / 'share')
        self.addCleanup(self.storage.close)
        self.names = [self.write(number) for number in range(9)]

    def write(self, number):
        content = b'%d' % number
        name = f'n1/restic/data/{hashlib.sha256(content).hexdigest()}'
        self.storage.write(name, content)
        return name

    def path(self, name):
        return self.folder / 'share' / name

    def test_what_is_as_it_was_has_no_fault_and_each_is_told(self):
        told = []
        self.assertEqual([], readback.read(
            self.storage, self.names, on_read=lambda *one: told.append(one)))
        self.assertEqual(sorted((name, None) for name in self.names),
                         sorted(told))

    def test_what_is_gone_or_changed_is_named_and_all_else_is_read(self):
        told = []
        self.path(self.names[1]).unlink()
        self.path(self.names[2]).write_bytes(b'other')
        faults = readback.read(self.storage, self.names,
                               on_read=lambda *one: told.append(one))
        self.assertEqual(
            sorted([(self.names[1], 'is gone'), (
                self.names[2], 'has another content than was written')]),
            [(fault.name, fault.reason) for fault in faults])
        self.assertEqual(9, len(told))
        self.assertEqual(faults, sorted(
            filter(None, dict(told).values()), key=lambda one: one.name))

    def test_one_that_cannot_be_read_is_damaged(self):
        self.path(self.names[3]).unlink()
        self.path(self.names[3]).mkdir()
        [fault] = readback.read(self.storage, self.names)
        self.assertEqual(self.names[3], fault.name)
        self.assertIn('cannot be read', fault.reason)

    def test_of_a_storage_that_fails_nothing_is_said(self):
        (self.folder / 'share').rename(self.folder / 'away')
        self.assertRaises(base.StorageError, readback.read, self.storage,
                          self.names)
