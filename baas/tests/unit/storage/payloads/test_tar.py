# SPDX-License-Identifier: Apache-2.0
"""Archives of a real node, verified and removed on the conductor."""
import os
import pathlib
import shutil
import unittest

from baas import keys
from baas.node import paths
from baas.storage import manifest
from baas.tests.unit.node import awkward
from baas.tests.unit.node import base
from baas.tests.unit.node import loopdisks
from baas.tests.unit.node.payloads import test_tar as node_tar
from baas.tests.unit.storage import site


@unittest.skipUnless(node_tar.CAN, node_tar.WHY_NOT)
class TarTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        self.site = site.Site(self.addCleanup)
        paths.TOP = loopdisks.mount(self, 'node')
        awkward.fill(os.fsencode(paths.TOP))
        paths.STATE = self.path('node', 'var', 'lib', 'baas-node')
        os.makedirs(os.path.join(paths.STATE, 'bin'))
        os.symlink(shutil.which('age'),
                   os.path.join(paths.STATE, 'bin', 'age'))
        self.captured = self.capture('b1')

    def capture(self, backup):
        options = {'payload': 'tar', 'folder': 'n1/tar', 'backup': backup,
                   'host': 'n1', 'store': self.site.storage.store(),
                   # It is another one each time.
                   'excludes': ['/var/lib/baas-node/journal.json'],
                   'recipient': self.site.key.node_recipient('n1')}
        for verb in ('prepare', 'snapshot', 'capture', 'release'):
            status, said = self.call(verb, '--epoch', '1', **options)
            self.assertEqual(0, status, said)
            if verb == 'capture':
                captured = said['result']
        return captured

    def verify(self, backup='b1', **captured):
        return self.site.program('verify', **self.site.verify_job(
            backup, {**self.captured, **captured}))

    def refused(self, words, **captured):
        said = self.verify(**captured)
        self.assertEqual('error', said['state'], said)
        self.assertRegex(said['error']['cause'], words)
        self.assertTrue(said['error']['hint'])
        self.assertEqual([], manifest.backups(self.site.storage, 'n1'))

    def path_of(self, part):
        return self.site.root / self.captured[part]['name']

    def remove(self, **job):
        said = self.site.program('remove', **{
            'node': 'n1', 'payload': 'tar', **job})
        self.assertEqual('done', said['state'], said)
        return said['result']

    def test_each_awkward_file_is_found_as_the_list_says(self):
        said = self.verify()
        self.assertEqual('done', said['state'], said)
        self.assertEqual(self.captured['stored_bytes'],
                         said['result']['read_bytes'])
        made = manifest.read(self.site.storage, self.site.key, 'n1', 'b1')
        self.assertEqual(self.captured['archive'],
                         made['payload']['archive'])
        self.assertEqual({'age', 'baas', 'tar', 'zstd'},
                         set(made['versions']))
        # As later, when the manifest says what to expect.
        again = self.site.program('verify', node='n1', backup='b1')
        self.assertEqual(said['result']['manifest_sha256'],
                         again['result']['manifest_sha256'])

    def test_a_flipped_bit_is_found(self):
        for part in ('archive', 'list'):
            with self.subTest(part):
                path = self.path_of(part)
                whole = path.read_bytes()
                self.flip(path)
                self.refused(f'damaged: {self.captured[part]["name"]}')
                path.write_bytes(whole)

    def flip(self, path):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)

    def test_a_truncated_or_missing_archive_is_found(self):
        path = self.path_of('archive')
        os.truncate(path, path.stat().st_size - 1)
        self.refused('damaged')
        path.unlink()
        self.refused('does not exist')

    def test_a_file_that_was_stored_otherwise_than_it_was_read_is_named(self):
        for name, words, damage in (
                ('etc/one', '/etc/one .*content',
                 lambda path: self.rewrite(path)),
                ('setuid', '/setuid .*mode', lambda path: path.chmod(0o700)),
                ('odd/-rf', '/odd/-rf .*in its place',
                 lambda path: path.unlink())):
            with self.subTest(name):
                path = self.in_node(name)
                damage(path)
                other = self.capture(f'c-{name[:2]}')
                self.refused(words, archive=other['archive'])
                self.undo(path, name)

    def in_node(self, name):
        return pathlib.Path(paths.TOP, name)

    def rewrite(self, path):
        when = path.stat().st_mtime_ns
        path.write_bytes(b'TEXT\n')
        os.utime(path, ns=(when, when))

    def undo(self, path, name):
        if name == 'etc/one':
            path.write_bytes(b'text\n')
        elif name == 'setuid':
            path.chmod(0o6711)

    def test_a_file_more_than_the_list_has_is_found(self):
        self.write('node/zz-more')
        other = self.capture('b2')
        self.refused('more files', archive=other['archive'])

    def test_an_archive_for_another_key_is_refused(self):
        (self.site.state / 'key').unlink()
        other = keys.create(self.site.state / 'key')
        # Somebody has moved it to where that key looks.
        self.site.root.rename(self.site.root.with_name(other.cloud))
        said = self.verify()
        self.assertEqual('error', said['state'])
        self.assertRegex(said['error']['cause'],
                         'cannot be opened.*no identity matched')

    def test_removing_one_leaves_the_others_alone(self):
        self.assertEqual('done', self.verify()['state'])
        self.captured = self.capture('b2')
        said = self.verify('b2')
        self.assertEqual('done', said['state'], said)
        freed = self.remove(backup='b1')['freed_bytes']
        self.assertGreater(freed, 5000)
        self.assertEqual(['b2'], os.listdir(self.site.root / 'n1/tar'))
        self.assertEqual(['b2'],
                         manifest.backups(self.site.storage, 'n1'))
        self.assertEqual(0, self.remove(backup='b1')['freed_bytes'])
        self.assertEqual('done', self.verify('b2')['state'])

    def test_what_a_failed_one_has_left_goes_as_a_whole(self):
        (self.path_of('archive').parent / '.archive.job').write_text('half')
        self.remove(backup='b1', incomplete=True)
        self.assertEqual([], os.listdir(self.site.root / 'n1/tar'))

    def test_it_goes_together_with_one_of_another_kind(self):
        self.remove(backup='b9', payload='restic', others={'b1': 'tar'},
                    incomplete=True)
        self.assertEqual([], os.listdir(self.site.root / 'n1/tar'))
