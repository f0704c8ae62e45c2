# SPDX-License-Identifier: Apache-2.0
"""What is not known of the owner of a storage is never "nobody"."""
import json
import pathlib
import shutil
import tempfile
import unittest

from baas import keys
from baas.storage import base
from baas.storage import owner
from baas.tests.unit.storage.drivers import clouds
from baas.tests.unit.storage import places

KEY, service = clouds.KEY, clouds.service


class OwnerTest(unittest.TestCase):

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-owner-'))
        self.addCleanup(shutil.rmtree, self.folder)
        self.storage = places.file_storage(self.folder, self.folder,
                                           KEY.cloud)
        self.markers = self.folder / KEY.cloud / 'owner'

    def change(self, number=1, **fields):
        """Change what a marker says, and not its signature."""
        path = self.markers / str(number)
        path.write_text(json.dumps({
            **json.loads(path.read_text()), **fields}))

    def unknown(self, *words):
        """See that neither of two services takes the storage for its own."""
        for name in ('one', 'other'):
            for call in (
                    lambda: owner.claim(self.storage, KEY, service(name)),
                    lambda: owner.look(self.storage, KEY, name),
                    lambda: owner.adopt(self.storage, KEY, service(name),
                                        service('one'))):
                with self.assertRaises(owner.UnknownOwner) as caught:
                    call()
                for word in words:
                    self.assertIn(word, caught.exception.cause)
                self.assertIn('by hand', caught.exception.hint)

    def test_nobody_is_the_owner_of_what_nobody_has_written_to(self):
        self.assertIsNone(owner.look(self.storage, KEY, 'one'))
        self.assertEqual([], list(self.folder.iterdir()))

    def test_the_first_that_writes_is_and_stays_the_owner(self):
        found = owner.claim(self.storage, KEY, service('one'))
        self.assertEqual(service('one'), found)
        again = owner.Owner(KEY.cloud, 'one', 'elsewhere', 'later')
        self.assertEqual(found, owner.claim(self.storage, KEY, again))
        with self.assertRaises(owner.ForeignOwner) as caught:
            owner.claim(self.storage, KEY, service('other'))
        self.assertIn('It belongs to instance one on host-one, since 2026-',
                      caught.exception.cause)
        self.assertIn('baas-manage storage adopt', caught.exception.hint)
        self.assertEqual(409, caught.exception.code)

    def test_a_marker_that_was_changed_is_nobodys(self):
        owner.claim(self.storage, KEY, service('one'))
        self.change(instance='other')
        self.unknown('owner/1', 'was changed afterwards')

    def test_a_later_marker_that_was_forged_hides_the_one_before(self):
        owner.claim(self.storage, KEY, service('one'))
        shutil.copy(self.markers / '1', self.markers / '2')
        self.change(2, instance='other')
        self.unknown('owner/2')

    def test_a_marker_of_another_key_is_nobodys(self):
        other = keys.MasterKey(bytes(32))
        owner.claim(self.storage, other, owner.Owner(
            other.cloud, 'one', 'host', '2026-01-01T00:00:00Z'))
        self.unknown('was not signed with this master key')

    def test_the_marker_of_another_cloud_is_nobodys(self):
        alien = owner.Owner('other', 'one', 'host', '2026-01-01T00:00:00Z')
        with self.assertRaises(owner.UnknownOwner):
            owner.claim(self.storage, KEY, alien)
        self.unknown('is that of another cloud')

    def test_what_cannot_be_read_is_nobodys(self):
        self.markers.mkdir(parents=True)
        for text in ('', '{}', '[]', 'null', '{"signature": 1}',
                     '{"signature": "!", "instance": "one"}', '\x00\xff'):
            with self.subTest(text):
                (self.markers / '1').write_bytes(text.encode('latin-1'))
                self.unknown('owner/1', 'cannot be read')

    def test_a_file_that_is_no_marker_is_not_passed_over(self):
        owner.claim(self.storage, KEY, service('one'))
        for name in ('01', '1~', 'x'):
            with self.subTest(name):
                (self.markers / name).write_text('')
                self.unknown(f'owner/{name}', 'is no marker')
                (self.markers / name).unlink()

    def test_one_that_cannot_be_opened_is_told_as_that(self):
        owner.claim(self.storage, KEY, service('one'))
        (self.markers / '1').unlink()
        (self.markers / '1').mkdir()
        (self.markers / '1' / 'deeper').write_text('')
        self.unknown('owner/1/deeper')

    def test_adopting_names_who_was_replaced(self):
        for name in ('one', 'two', 'three'):
            seen = owner.read(self.storage, KEY)
            found = (owner.adopt(self.storage, KEY, service(name), seen)
                     if seen else owner.claim(self.storage, KEY,
                                              service(name)))
            self.assertEqual((name, seen and seen.instance),
                             (found.instance, found.replaced))
        self.assertEqual(['1', '2', '3'], sorted(
            path.name for path in self.markers.iterdir()))

    def test_another_than_was_seen_is_not_adopted(self):
        owner.claim(self.storage, KEY, service('one'))
        with self.assertRaises(owner.ForeignOwner):
            owner.adopt(self.storage, KEY, service('two'), service('else'))
        self.assertEqual('one', owner.read(self.storage, KEY).instance)

    def test_a_marker_proves_nothing_else(self):
        owner.claim(self.storage, KEY, service('one'))
        marker = json.loads((self.markers / '1').read_text())
        marker.pop('signature')
        self.assertNotIn('format', marker)
        self.assertEqual({'cloud', 'instance', 'host', 'since', 'replaced'},
                         set(marker))

    def test_a_failure_to_write_is_one(self):
        (self.folder / KEY.cloud).write_text('')
        with self.assertRaises(base.StorageError):
            owner.claim(self.storage, KEY, service('one'))
