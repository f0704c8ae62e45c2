# SPDX-License-Identifier: Apache-2.0
"""A storage that is read no faster than is wanted."""
import hashlib
import pathlib
import tempfile
import time
import unittest

from baas.storage import base
from baas.storage import paced
from baas.storage import readback
from baas.tests.unit.storage import places

SIZE = 3 << 20


class PacedTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / 'share').mkdir()
        self.storage = places.file_storage(self.folder, self.folder / 'share')
        self.data = bytes(range(256)) * (SIZE // 256)
        self.storage.write('n1/a', self.data)

    def paced(self, rate):
        return paced.paced(self.storage, places.configuration(
            self.folder, verification={'bandwidth': rate}))

    def test_without_a_limit_it_is_the_storage_itself(self):
        self.assertIs(self.storage, self.paced(0))

    def test_all_threads_together_keep_to_it(self):
        self.storage.write('n1/b', self.data)
        digest = hashlib.sha256(self.data).hexdigest()
        began = time.monotonic()
        self.assertEqual([], readback.read(
            self.paced(3), ['n1/a', 'n1/b'],
            digests={'n1/a': digest, 'n1/b': digest}))
        self.assertGreaterEqual(time.monotonic() - began, 2)

    def test_what_is_read_is_what_is_there(self):
        with self.paced(1 << 20).open('n1/a') as file:
            self.assertEqual(self.data[:5], file.read(5))
            self.assertEqual(self.data[5:], file.read())
            self.assertEqual(b'', file.read(1))

    def test_all_else_is_as_before(self):
        one = self.paced(1)
        self.assertEqual(['n1'], list(one.nodes()))
        self.assertEqual(self.storage.location, one.location)
        with self.assertRaises(base.Missing):
            one.open('n1/c')
