# SPDX-License-Identifier: Apache-2.0
"""Whether the master key is kept elsewhere is asked until it was shown."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from baas import keys
from baas.tests.functional import forked


class ConfirmTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / 'share').mkdir()
        self.config = self.folder / 'baas.conf'
        self.config.write_text(
            f'[DEFAULT]\nstate_path = {self.folder}\n'
            f'[storage_file]\npath = {self.folder}/share\n')
        self.assertEqual(0, self.run_one('manage', 'db', 'sync').returncode)
        self.key = keys.create(self.folder / 'key')
        self.text = (self.folder / 'key').read_text()

    def run_one(self, program, *words):
        return forked.run(program, '--config-file', str(self.config), *words,
                          env={**os.environ, 'COLUMNS': '200'})

    def confirm(self, text):
        copy = self.folder / 'copy'
        copy.write_text(text)
        return self.run_one('manage', 'key', 'confirm', str(copy))

    def is_asked_for(self):
        said = self.run_one('status', 'upgrade', 'check').stdout
        self.assertIn('Copy of the key', said)
        return 'Nobody has shown a copy of the master key' in ' '.join(
            said.replace('|', ' ').split())

    def test_it_is_asked_for_until_a_copy_was_shown(self):
        self.assertTrue(self.is_asked_for())
        said = self.confirm(self.text)
        self.assertEqual(
            (0, f'{self.key.fingerprint}: the copy is the same key\n'),
            (said.returncode, said.stdout))
        self.assertFalse(self.is_asked_for())

    def test_it_is_read_from_the_standard_input_as_well(self):
        said = subprocess.run(
            [sys.executable, '-m', 'baas.cmd.manage', '--config-file',
             str(self.config), 'key', 'confirm'], input=self.text, text=True,
            capture_output=True)
        self.assertEqual(0, said.returncode, said.stderr)
        self.assertFalse(self.is_asked_for())

    def test_a_copy_may_be_typed_in_pieces(self):
        for text in (self.text.replace('\n', ''), self.text + '\n\n',
                     self.text.removeprefix('BAAS-KEY-1:'),
                     f'{self.text[:20]} {self.text[20:40]}\n{self.text[40:]}'):
            with self.subTest(text):
                self.assertEqual(0, self.confirm(text).returncode)

    def test_what_is_no_copy_is_refused_and_not_repeated(self):
        for text in ('', 'secret', self.text[:-3], self.text + 'a',
                     '\x00' * 5000):
            said = self.confirm(text)
            self.assertEqual((1, ''), (said.returncode, said.stdout))
            self.assertIn('no master key, or a damaged copy', said.stderr)
            self.assertNotIn('secret', said.stderr)
        self.assertTrue(self.is_asked_for())

    def test_the_key_file_itself_is_no_copy(self):
        said = self.run_one('manage', 'key', 'confirm',
                            str(self.folder / 'key'))
        self.assertEqual(1, said.returncode)
        self.assertIn('itself, and no copy', said.stderr)
        self.assertTrue(self.is_asked_for())

    def test_a_private_key_for_the_escrow_is_refused_and_not_repeated(self):
        text = self.config.read_text()
        for value, why in (('AGE-SECRET-KEY-1SECRETS', 'is a private key'),
                           ('age1' + 'q' * 58, 'mistyped'),
                           ('ssh-ed25519 SECRETS', 'no public key of age')):
            self.config.write_text(
                f'{text}[payload]\nescrow_recipients = {value}\n')
            said = self.run_one('manage', 'key', 'public')
            self.assertEqual(1, said.returncode)
            self.assertIn(why, said.stderr)
            self.assertIn('escrow_recipients', said.stderr)
            self.assertNotIn('SECRETS', said.stderr)

    def test_a_copy_of_another_key_is_refused(self):
        other = keys.create(self.folder / 'other')
        said = self.confirm((self.folder / 'other').read_text())
        self.assertEqual(1, said.returncode)
        self.assertIn(f'that of another key, {other.fingerprint}',
                      said.stderr)
        self.assertTrue(self.is_asked_for())
