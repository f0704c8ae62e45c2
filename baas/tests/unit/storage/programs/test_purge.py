# SPDX-License-Identifier: Apache-2.0
"""What leaves the trash goes together, and hurts nothing that stays."""
import contextlib
import shutil
import unittest

from baas.storage import manifest
from baas.tests.unit.storage import places
from baas.tests.unit.storage import site

GONE = {'backup': 'b1', 'payload': 'restic', 'others': {'b2': 'restic'}}


class PurgeTest(unittest.TestCase):
    """Has three backups: the third one shares data with both others."""

    @classmethod
    def setUpClass(cls):
        cls.full = site.Site(cls.addClassCleanup)
        for backup in ('b1', 'b2', 'b3'):
            cls.full.take(backup)

    def setUp(self):
        self.site = site.Site(self.addCleanup, like=self.full)

    def purge(self):
        return self.site.program('remove', node='n1', **GONE)

    def whole(self, backup):
        """Demand that a backup restores: every byte of every file."""
        made = manifest.read(self.site.storage, self.site.key, 'n1', backup)
        self.site.call('check', '--read-data')
        target = self.site.folder / 'restored'
        self.site.call('restore', made['payload']['snapshot'], '--target',
                       str(target))
        for name in ('of-b1', 'of-b2', 'of-b3')[:int(backup[1])]:
            self.assertEqual((self.site.tree / name).read_bytes(),
                             (target / name).read_bytes())
        shutil.rmtree(target)

    def only_the_third(self):
        self.assertEqual(['b3'], manifest.backups(self.site.storage, 'n1'))
        self.assertEqual(['backup=b3'] * 2 + ['kind=files', 'kind=payload'],
                         self.site.snapshots())
        self.whole('b3')

    def test_until_then_all_of_it_restores(self):
        for backup in ('b1', 'b2', 'b3'):
            self.whole(backup)

    def test_what_shares_data_with_it_stays_whole(self):
        self.assertEqual('done', self.purge()['state'])
        self.only_the_third()

    def test_a_full_storage_hurts_nothing_that_stays(self):
        with self.full_disk():
            # What is freed by the first objects may be enough to go on.
            self.assertIn(self.purge()['state'], ('done', 'error'))
            self.assertEqual(['b3'], manifest.backups(
                self.site.storage, 'n1'))
        self.whole('b3')
        self.assertEqual('done', self.purge()['state'])
        self.only_the_third()

    def test_one_that_a_storage_refuses_is_gone_on_with(self):
        with places.read_only(self.site.folder / 'share'):
            said = self.purge()
        self.assertEqual('error', said['state'], said)
        self.assertEqual('done', self.purge()['state'])
        self.only_the_third()

    @contextlib.contextmanager
    def full_disk(self):
        """Have the storage on a file system that has no block left."""
        share, aside = (self.site.folder / name
                        for name in ('share', 'aside'))
        share.rename(aside)
        share.mkdir()
        with places.small(share, '16m'):
            shutil.copytree(aside, share, dirs_exist_ok=True)
            junk = share / 'junk'
            with open(junk, 'wb', buffering=0) as file:
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(4096))
            yield
            junk.unlink()
            shutil.rmtree(aside)
            shutil.copytree(share, aside)
        share.rmdir()
        aside.rename(share)
