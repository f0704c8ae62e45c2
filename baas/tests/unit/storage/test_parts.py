# SPDX-License-Identifier: Apache-2.0
"""Rescue images beside backups: read back, shared, and removed at the end."""
import hashlib
import unittest

from baas.storage import manifest
from baas.tests.unit.storage import site


class RescueTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.empty = site.Site(cls.addClassCleanup)
        cls.empty.capture('b0')

    def setUp(self):
        self.site = site.Site(self.addCleanup, like=self.empty)

    def image(self, content):
        """Store a kernel as a node does; give what the node says of it."""
        digest = hashlib.sha256(content).hexdigest()
        path = self.site.root / 'n1' / 'rescue' / digest
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return {'kernel': {'object': f'n1/rescue/{digest}',
                           'sha256': digest, 'size': len(content)}}

    def take(self, backup, rescue):
        self.site.remember(backup)
        job = self.site.verify_job(backup, self.site.capture(backup, 1000))
        job['manifest']['rescue'] = rescue
        return self.site.program('verify', **job)

    def stored(self):
        return sorted(path.read_bytes() for path in (
            self.site.root / 'n1' / 'rescue').iterdir())

    def path(self, rescue):
        return self.site.root / rescue['kernel']['object']

    def remove(self, backup, **more):
        said = self.site.program('remove', node='n1', backup=backup, **more)
        self.assertEqual('done', said['state'], said)
        return said['result']

    def test_the_manifest_says_where_it_is(self):
        rescue = self.image(b'one')
        self.assertEqual('done', self.take('b1', rescue)['state'])
        read = manifest.read(self.site.storage, self.site.key, 'n1', 'b1')
        self.assertEqual(rescue, read['rescue'])

    def test_a_backup_without_one_says_nothing_of_it(self):
        self.take('b1', {})
        self.assertNotIn('rescue', manifest.read(
            self.site.storage, self.site.key, 'n1', 'b1'))

    def test_a_damaged_or_missing_one_is_not_signed_for(self):
        rescue = self.image(b'one')
        self.path(rescue).write_bytes(b'two')
        said = self.take('b1', rescue)
        self.assertIn('another kernel', said['error']['cause'])
        self.path(rescue).unlink()
        said = self.take('b1', rescue)
        self.assertIn('lacks n1/rescue/', said['error']['cause'])
        self.assertEqual([], manifest.backups(self.site.storage, 'n1'))

    def test_it_is_removed_with_the_last_backup_that_needs_it(self):
        first, second = self.image(b'one'), self.image(b'two')
        for backup, rescue in (('b1', first), ('b2', first), ('b3', second)):
            self.take(backup, rescue)
        self.remove('b1')
        self.assertEqual([b'one', b'two'], self.stored())
        self.assertGreaterEqual(self.remove('b2')['freed_bytes'], 3)
        self.assertEqual([b'two'], self.stored())

    def test_an_incomplete_backup_leaves_it_for_the_next(self):
        self.image(b'one')
        self.remove('b1', incomplete=True)
        self.assertEqual([b'one'], self.stored())

    def test_nothing_is_removed_while_a_manifest_cannot_be_read(self):
        for backup in ('b1', 'b2'):
            self.take(backup, self.image(backup.encode()))
        path = self.site.root / 'n1' / 'manifests' / 'b2.json'
        path.write_bytes(path.read_bytes() + b' ')
        said = self.site.program('remove', node='n1', backup='b1')
        self.assertEqual('error', said['state'])
        self.assertEqual([b'b1', b'b2'], self.stored())

    def test_a_full_verification_reads_it_again(self):
        rescue = self.image(b'one')
        self.take('b1', rescue)
        self.path(rescue).write_bytes(b'two')
        said = self.site.program('verify', node='n1', backup='b1')
        self.assertIn('another kernel', said['error']['cause'])
