# SPDX-License-Identifier: Apache-2.0
import pathlib
import shutil
import tempfile
import unittest

from baas import keys
from baas.storage import catalog
from baas.storage import manifest
from baas.tests.unit.storage import places
from baas.tests.unit.storage import test_manifest


class CatalogTest(unittest.TestCase):

    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        (folder / 'share').mkdir()
        self.key = keys.create(folder / 'key')
        self.storage = places.file_storage(folder, folder / 'share',
                                           self.key.cloud)
        self.storage.check()
        for node, id in (('n1', 'b1'), ('n1', 'b2'), ('n2', 'b3')):
            manifest.write(self.storage, self.key, manifest.build(
                {**test_manifest.ABOUT, 'node': node, 'backup': id},
                test_manifest.CAPTURE))

    def test_those_of_all_nodes_are_found(self):
        self.storage.write('owner/1', b'whoever')
        found, refused = catalog.read(self.storage, self.key)
        self.assertEqual(['b1', 'b2', 'b3'],
                         [one['backup'] for one, _ in found])
        self.assertEqual({}, refused)

    def test_what_is_removed_after_the_look_is_gone(self):
        found = [one for one, _ in catalog.read(self.storage, self.key)[0]]
        self.assertEqual(set(), catalog.gone(self.storage, found))
        manifest.remove(self.storage, 'n1', 'b2')
        self.assertEqual({'b2'}, catalog.gone(self.storage, found))
        manifest.remove(self.storage, 'n2', 'b3')
        self.assertEqual({'b2', 'b3'}, catalog.gone(self.storage, found))
