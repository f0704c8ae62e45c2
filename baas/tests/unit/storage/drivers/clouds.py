# SPDX-License-Identifier: Apache-2.0
"""What every kind of storage must do where several clouds have one; a part of
the contract."""
import shutil

from baas.storage import base


class CloudsContract:
    """A part of :class:`contract.StorageContract`."""

    def test_clouds_do_not_meet(self):
        one, other = (self.make(self.root, cloud) for cloud in 'ab')
        self.addCleanup(one.close)
        self.addCleanup(other.close)
        self.assertEqual([], one.nodes())
        self.assertEqual([], list(one.list('')))
        one.write('node/x', b'one')
        other.write('node/x', b'other')
        for place, content in ((one, b'one'), (other, b'other')):
            with place.open('node/x') as file:
                self.assertEqual(content, file.read())
            self.assertEqual(['node'], place.nodes())
            self.assertEqual(['node/x'], [e.name for e in place.list('')])
        one.drop('node')
        self.assertEqual([], one.nodes())
        self.assertEqual(['a', 'b'], self.storage.nodes())
        self.assertTrue(other.url('node').endswith('/b/node'))
        self.assertIn('/b/node/', other.node_repository('node') + '/')
        self.assertTrue(other.store()['path'].endswith('/b'))

    def test_a_check_makes_the_folder_of_the_cloud_and_no_other(self):
        place = self.make(self.root, 'a')
        self.addCleanup(place.close)
        place.check()
        self.assertEqual(['a'], [item.name for item in self.root.iterdir()])
        shutil.rmtree(self.root)
        with self.assertRaises(base.StorageError):
            place.check()
        self.assertFalse(self.root.exists())
