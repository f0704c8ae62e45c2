# SPDX-License-Identifier: Apache-2.0
"""What every kind of storage must do where several clouds have one; a part of
the contract."""
import shutil
import threading

from baas import keys
from baas.storage import base
from baas.storage import owner

KEY = keys.MasterKey(bytes(range(32)))


def service(name):
    """Give what a service would write of itself."""
    return owner.Owner(KEY.cloud, name, f'host-{name}',
                       '2026-01-01T00:00:00Z')


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

    def of_cloud(self, cloud=KEY.cloud):
        place = self.make(self.root, cloud)
        self.addCleanup(place.close)
        return place

    def test_of_two_services_at_once_one_has_the_storage(self):
        barrier, won, lost = threading.Barrier(6), [], []

        def claim(place, name):
            barrier.wait()
            try:
                won.append(owner.claim(place, KEY, service(name)).instance)
            except owner.ForeignOwner as error:
                lost.append(error.cause)

        of_each = [(self.of_cloud(), f's{number}') for number in range(6)]
        threads = [threading.Thread(target=claim, args=one)
                   for one in of_each]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        place = self.of_cloud()
        self.assertEqual([owner.read(place, KEY).instance], won)
        self.assertEqual(5, len(lost))
        for cause in lost:
            self.assertIn(f'It belongs to instance {won[0]} on host-', cause)
            self.assertIn('since 2026-01-01', cause)
        self.assertEqual(['owner/1'], [one.name for one in place.list('')])

    def test_of_two_that_adopt_at_once_one_has_the_storage(self):
        place = self.of_cloud()
        seen = owner.claim(place, KEY, service('gone'))
        self.assertIsNone(seen.replaced)
        found = owner.adopt(place, KEY, service('one'), seen)
        self.assertEqual(('one', 'gone'), (found.instance, found.replaced))
        with self.assertRaises(owner.ForeignOwner):
            owner.adopt(place, KEY, service('late'), seen)
        with self.assertRaises(owner.ForeignOwner):
            owner.look(place, KEY, 'gone')
        self.assertEqual(found, owner.look(place, KEY, 'one'))

    def test_a_storage_that_is_away_is_nobodys_to_claim(self):
        shutil.rmtree(self.root)
        place = self.of_cloud()
        with self.assertRaises(base.StorageError):
            owner.claim(place, KEY, service('one'))
        self.assertFalse(self.root.exists())

    def test_the_folder_of_another_cloud_is_read_and_never_written(self):
        theirs = self.of_cloud('theirs')
        theirs.write('node/manifests/a.json', b'{}')
        before = sorted(self.root.rglob('*'))
        foreign = self.of_cloud('theirs')
        foreign.read_only = True
        self.assertEqual(['node'], foreign.nodes())
        self.assertEqual(['node/manifests/a.json'],
                         [one.name for one in foreign.list('')])
        with foreign.open('node/manifests/a.json') as file:
            self.assertEqual(b'{}', file.read())
        for call in (lambda: foreign.write('node/b', b''),
                     lambda: foreign.delete('node/manifests/a.json'),
                     lambda: foreign.drop('node'),
                     lambda: foreign.check(),
                     lambda: owner.claim(foreign, KEY, service('one'))):
            self.refused('is not the folder of this cloud', call,
                         kind=base.ReadOnly)
        self.assertEqual(before, sorted(self.root.rglob('*')))
