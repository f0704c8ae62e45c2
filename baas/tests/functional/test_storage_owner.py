# SPDX-License-Identifier: Apache-2.0
"""baas-manage storage ..., as an operator runs it."""
import os
import pathlib
import shutil
import tempfile
import unittest

from baas import keys
from baas.storage import owner
from baas.tests.functional import forked
from baas.tests.unit.storage import places

OTHER = '6f1c2a90-1111-4222-8333-444455556666'


class StorageOwnerTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.share = self.folder / 'share'
        self.share.mkdir()
        self.config = self.folder / 'baas.conf'
        self.config.write_text(
            f'[DEFAULT]\nstate_path = {self.folder}\n'
            f'[storage_file]\npath = {self.share}\n')
        self.done('manage', 'db', 'sync')
        self.key = keys.create(self.folder / 'key')
        self.storage = places.file_storage(self.folder, self.share,
                                           self.key.cloud)

    def run_program(self, program, *words):
        return forked.run(program, '--config-file', str(self.config), *words,
                          env={**os.environ, 'COLUMNS': '200'})

    def done(self, program, *words):
        """Run a program that must do its work; give what it says."""
        ended = self.run_program(program, *words)
        self.assertEqual(0, ended.returncode, ended.stderr)
        return ended.stdout

    def let_other_have_it(self):
        return owner.claim(self.storage, self.key, owner.Owner(
            self.key.cloud, OTHER, 'ctl-9', '2026-01-01T00:00:00Z'))

    def test_it_is_shown_and_nothing_is_written(self):
        said = self.done('manage', 'storage', 'show')
        self.assertIn(f'cloud:    {self.key.cloud}\n', said)
        self.assertIn('owner:    nobody', said)
        self.assertEqual([], list(self.share.iterdir()))
        self.assertEqual(said, self.done('manage', 'storage', 'show'))

    def test_that_of_another_service_is_adopted_with_a_word_only(self):
        seen = self.let_other_have_it()
        said = self.done('manage', 'storage', 'show')
        self.assertIn(f'owner:    instance {OTHER} on ctl-9, since '
                      '2026-01-01T00:00:00Z\n', said)
        refused = self.run_program('manage', 'storage', 'adopt')
        self.assertEqual((1, ''), (refused.returncode, refused.stdout))
        self.assertIn(f'belongs to instance {OTHER} on ctl-9',
                      refused.stderr)
        self.assertIn('adopt --yes', refused.stderr)
        self.assertEqual(seen, owner.read(self.storage, self.key))
        said = self.done('manage', 'storage', 'adopt', '--yes')
        self.assertIn(f'it was that of instance {OTHER}', said)
        found = owner.read(self.storage, self.key)
        self.assertEqual(OTHER, found.replaced)
        self.assertIn(f'instance {found.instance}', said)
        said = self.done('manage', 'storage', 'show')
        self.assertIn(f'after {OTHER}', said)
        self.assertIn('owner:    this service', said)

    def test_adopting_what_is_ones_own_changes_nothing(self):
        for _time in range(2):
            said = self.done('manage', 'storage', 'adopt')
            self.assertIn('belongs to this service', said)
        self.assertEqual(['owner/1'], [
            one.name for one in self.storage.list('')])

    def test_a_service_from_a_copy_becomes_another_and_the_first_is_refused(
            self):
        self.done('manage', 'storage', 'adopt')
        first = owner.read(self.storage, self.key)
        database = self.folder / 'baas.sqlite'
        shutil.copy(database, self.folder / 'first.sqlite')
        refused = self.run_program('manage', 'storage', 'adopt', '--copied')
        self.assertEqual(1, refused.returncode)
        self.assertEqual(first, owner.read(self.storage, self.key))
        self.done('manage', 'storage', 'adopt', '--copied', '--yes')
        second = owner.read(self.storage, self.key)
        self.assertEqual(first.instance, second.replaced)
        self.assertIn('owner:    this service', self.done(
            'manage', 'storage', 'show'))
        (self.folder / 'first.sqlite').rename(database)
        self.assertIn(f'owner:    instance {second.instance}', self.done(
            'manage', 'storage', 'show'))

    def test_a_marker_that_proves_nothing_is_not_adopted(self):
        self.let_other_have_it()
        marker = self.share / self.key.cloud / 'owner' / '1'
        marker.write_text(marker.read_text().replace('ctl-9', 'ctl-1'))
        for words in (('show',), ('adopt', '--yes')):
            refused = self.run_program('manage', 'storage', *words)
            self.assertEqual((1, ''), (refused.returncode, refused.stdout))
            self.assertIn('was changed afterwards', refused.stderr)

    def test_the_check_of_the_installation_tells_of_another_owner(self):
        self.done('manage', 'storage', 'adopt')
        ended = self.run_program('status', 'upgrade', 'check')
        self.assertNotIn('belongs to', ended.stdout)
        self.done('manage', 'db', 'sync')
        seen = owner.read(self.storage, self.key)
        owner.adopt(self.storage, self.key, owner.Owner(
            self.key.cloud, OTHER, 'ctl-9', '2026-01-01T00:00:00Z'), seen)
        ended = self.run_program('status', 'upgrade', 'check')
        self.assertEqual(2, ended.returncode, ended.stdout)
        self.assertIn(OTHER, ended.stdout)
