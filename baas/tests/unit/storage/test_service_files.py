# SPDX-License-Identifier: Apache-2.0
"""The files of the service beside a backup, with the real age."""
import io
import os
import pathlib
import subprocess
import tarfile
import tempfile
import unittest

from baas import errors
from baas import keys
from baas.storage import manifest
from baas.storage import service_files
from baas.tests.unit.storage import places
from baas.tests.unit.storage import site


class FilesCase(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.conf = places.configuration(self.folder)

    def file(self, name, text, mode=0o600):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return str(path)


class PackTest(FilesCase):

    def unpack(self, data, name='there'):
        target = self.folder / name
        found = service_files.unpack(data, str(target))
        return {path.removeprefix(str(target)): how
                for path, how in found.items()}

    def test_files_come_back_by_their_paths_with_their_modes(self):
        paths = [self.file('etc/baas.conf', 'a', 0o640),
                 self.file('etc/inventory/hosts', 'b')]
        data, unread = service_files.pack(paths)
        self.assertEqual([], unread)
        self.assertEqual(dict.fromkeys(paths, 'written'), self.unpack(data))
        for path, text, mode in zip(paths, 'ab', (0o640, 0o600)):
            back = self.folder / 'there' / path[1:]
            self.assertEqual((text, mode), (back.read_text(),
                                            back.stat().st_mode & 0o7777))

    def test_what_is_there_stays(self):
        same, other = self.file('same', 'a'), self.file('other', 'a')
        data, _ = service_files.pack([same, other])
        self.unpack(data)
        changed = self.folder / 'there' / other[1:]
        changed.write_text('mine')
        self.assertEqual({same: 'same', other: 'other'}, self.unpack(data))
        self.assertEqual('mine', changed.read_text())

    def test_a_link_is_the_file_behind_it(self):
        real, link = self.file('real', 'a'), self.folder / 'link'
        link.symlink_to(real)
        data, _ = service_files.pack([str(link)])
        self.unpack(data)
        back = self.folder / 'there' / str(link)[1:]
        self.assertFalse(back.is_symlink())
        self.assertEqual('a', back.read_text())

    def test_what_cannot_be_read_is_named_and_the_rest_is_there(self):
        here = self.file('here', 'a')
        data, unread = service_files.pack([here, '/no/such/file'])
        self.assertEqual(['/no/such/file'], unread)
        self.assertEqual([here], list(self.unpack(data)))

    def test_it_is_not_written_through_a_link(self):
        here = self.file('here', 'a')
        data, _ = service_files.pack([here])
        place = self.folder / 'there' / here[1:]
        place.parent.mkdir(parents=True)
        victim = self.folder / 'victim'
        place.symlink_to(victim)
        self.assertEqual({here: 'other'}, self.unpack(data))
        self.assertFalse(victim.exists())

    def test_names_that_lead_elsewhere_are_refused(self):
        for name, kind in (('../out', tarfile.REGTYPE),
                           ('/out', tarfile.REGTYPE),
                           ('a//b', tarfile.REGTYPE),
                           ('link', tarfile.SYMTYPE)):
            with self.subTest(name):
                made = io.BytesIO()
                with tarfile.open(fileobj=made, mode='w:gz') as archive:
                    entry = tarfile.TarInfo(name)
                    entry.type = kind
                    archive.addfile(entry, io.BytesIO())
                with self.assertRaisesRegex(errors.Conflict, 'leads else'):
                    self.unpack(made.getvalue())
                self.assertFalse((self.folder / 'out').exists())

    def test_what_is_no_archive_is_refused(self):
        data, _ = service_files.pack([self.file('here', 'a' * 100000)])
        for wrong in (b'', b'no', data[:100]):
            with self.assertRaisesRegex(errors.Conflict, 'cannot be read'):
                self.unpack(wrong)


class SealTest(FilesCase):

    def setUp(self):
        super().setUp()
        self.key = keys.create(self.folder / 'key')

    def test_the_master_key_opens_them(self):
        sealed = service_files.seal(self.conf, self.key, b'secret')
        self.assertNotIn(b'secret', sealed)
        self.assertEqual(b'secret', service_files.unseal(
            self.conf, self.key, sealed))

    def test_another_key_does_not(self):
        sealed = service_files.seal(self.conf, self.key, b'secret')
        other = keys.create(self.folder / 'other')
        with self.assertRaisesRegex(errors.ConfigurationError, 'refuses'):
            service_files.unseal(self.conf, other, sealed)

    def test_each_recipient_opens_them_with_age_alone(self):
        identities, recipients = [], []
        for number in range(2):
            path = self.folder / f'escrow-{number}'
            said = subprocess.run(['age-keygen', '-o', path], check=True,
                                  capture_output=True, text=True).stderr
            identities.append(path)
            recipients.append(said.split()[-1])
        self.conf.set_override('escrow_recipients', recipients, 'payload')
        sealed = service_files.seal(self.conf, self.key, b'secret')
        for path in identities:
            self.assertEqual(b'secret', subprocess.run(
                ['age', '--decrypt', '--identity', path], input=sealed,
                capture_output=True, check=True).stdout)

    def test_a_program_that_is_not_there_is_named(self):
        self.conf.set_override('age', '/no/such/age', 'payload')
        with self.assertRaisesRegex(errors.ConfigurationError,
                                    '/no/such/age cannot be run'):
            service_files.seal(self.conf, self.key, b'')


class BesideTest(FilesCase):

    @classmethod
    def setUpClass(cls):
        cls.empty = site.Site(cls.addClassCleanup)
        cls.empty.capture('b0')

    def setUp(self):
        super().setUp()
        self.site = site.Site(self.addCleanup, like=self.empty)

    def take(self, backup, paths):
        self.site.remember(backup)
        job = self.site.verify_job(backup, self.site.capture(backup, 1000))
        return self.site.program('verify', **job, service=paths), job

    def read(self, backup):
        return manifest.read(self.site.storage, self.site.key, 'n1', backup)

    def test_they_lie_beside_each_backup_and_go_with_the_last(self):
        path = self.file('baas.conf', 'a')
        for backup in ('b1', 'b2'):
            said, _ = self.take(backup, [path])
            self.assertEqual(('done', []), (said['state'],
                                            said['result']['lacks']))
        told = self.read('b1')['service']['archive']
        sealed = (self.site.root / told['object']).read_bytes()
        self.assertEqual([path[1:]], [
            entry.name for entry in tarfile.open(
                fileobj=io.BytesIO(service_files.unseal(
                    self.conf, self.site.key, sealed))) if entry.isreg()])
        for backup in ('b1', 'b2'):
            self.site.program('remove', node='n1', backup=backup)
        self.assertEqual([], os.listdir(self.site.root / 'n1' / 'service'))

    def test_a_damaged_one_is_found(self):
        self.take('b1', [self.file('baas.conf', 'a')])
        told = self.read('b1')['service']['archive']
        path = self.site.root / told['object']
        path.write_bytes(path.read_bytes()[:-1])
        said = self.site.program('verify', node='n1', backup='b1')
        self.assertIn('another archive of the files of the service',
                      said['error']['cause'])

    def test_again_is_no_error_although_a_file_has_changed(self):
        path = pathlib.Path(self.file('baas.conf', 'a'))
        said, job = self.take('b1', [str(path)])
        path.write_text('b')
        again = self.site.program('verify', **job, service=[str(path)])
        self.assertEqual(said['result']['manifest_sha256'],
                         again['result']['manifest_sha256'])

    def test_what_is_not_beside_it_is_told(self):
        said, _ = self.take('b1', [self.file('baas.conf', 'a'), '/no/file'])
        self.assertRegex(said['result']['lacks'][0], '^/no/file of the serv')
        self.assertIn('service', self.read('b1'))

    def test_without_age_a_backup_is_one_nevertheless(self):
        self.site.config.write_text(self.site.config.read_text().replace(
            '[payload]', '[payload]\nage = /no/such/age'))
        said, _ = self.take('b1', [self.file('baas.conf', 'a')])
        self.assertEqual('done', said['state'])
        self.assertIn('/no/such/age', said['result']['lacks'][0])
        self.assertNotIn('service', self.read('b1'))
