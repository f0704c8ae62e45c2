# SPDX-License-Identifier: Apache-2.0
import base64
import hashlib
import hmac
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest

from baas import keys


def _hkdf(secret, purpose):
    """RFC 5869 in two lines, as a second opinion."""
    prk = hmac.digest(bytes(32), secret, hashlib.sha256)
    return hmac.digest(prk, purpose + b'\x01', hashlib.sha256)


class KeyFileTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = self.folder / 'state' / 'key'

    def refused(self, words, call=keys.load):
        with self.assertRaises(keys.KeyFileError) as caught:
            call(self.path)
        self.assertIn(str(self.path), str(caught.exception))
        self.assertIn(words, str(caught.exception))
        self.assertTrue(caught.exception.hint.endswith('.'))

    def written(self, text, mode=0o600):
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(text)
        self.path.chmod(mode)

    def test_a_key_is_made_once_and_only_for_us(self):
        first = keys.create(self.path)
        self.assertEqual(0o600, self.path.stat().st_mode & 0o7777)
        self.assertRegex(self.path.read_text(),
                         r'\ABAAS-KEY-1:[A-Za-z0-9+/]{43}=\n\Z')
        self.assertEqual(['key'], os.listdir(self.path.parent))
        self.assertEqual(first.fingerprint, keys.load(self.path).fingerprint)

    def test_a_key_that_is_there_is_never_replaced(self):
        keys.create(self.path)
        before = self.path.read_text()
        self.refused('There is a key file', keys.create)
        self.assertEqual(before, self.path.read_text())
        self.assertEqual(['key'], os.listdir(self.path.parent))
        # A link that leads nowhere may lead to a disk that is not mounted.
        self.path.unlink()
        self.path.symlink_to('/nowhere/key')
        self.refused('There is a key file', keys.create)

    def test_every_key_is_another(self):
        first = keys.create(self.path)
        other = keys.create(self.folder / 'other')
        self.assertNotEqual(first.fingerprint, other.fingerprint)

    def test_of_all_who_make_one_at_once_one_does(self):
        for number in range(20):
            path = self.folder / str(number) / 'key'
            barrier, made, refused = threading.Barrier(6), [], []

            def start():
                barrier.wait()
                try:
                    made.append(keys.create(path).fingerprint)
                except keys.KeyFileError:
                    refused.append(number)

            threads = [threading.Thread(target=start) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual([keys.load(path).fingerprint], made)
            self.assertEqual(5, len(refused))

    def test_a_missing_key_is_not_made_by_who_only_reads(self):
        self.refused('no key file')
        self.assertFalse(self.path.exists())

    def test_a_key_that_others_can_read_is_refused(self):
        keys.create(self.path)
        for mode in (0o640, 0o604, 0o620, 0o666):
            self.path.chmod(mode)
            self.refused('Other users')

    @unittest.skipIf(os.geteuid(), 'only root can give files away')
    def test_a_key_of_another_user_is_refused(self):
        keys.create(self.path)
        os.chown(self.path, 65534, -1)
        self.refused('another user')

    def test_what_is_no_key_is_refused_and_kept(self):
        good = base64.b64encode(bytes(32)).decode()
        for text in ('', 'BAAS-KEY-1:', f'BAAS-KEY-2:{good}',
                     f'BAAS-KEY-1:{good[:-5]}', f'BAAS-KEY-1:{good}x',
                     f'BAAS-KEY-1:{good}\n{good}', good):
            with self.subTest(text=text):
                self.written(text)
                self.refused('no key file')
                self.assertEqual(text, self.path.read_text())

    def test_a_folder_is_no_key(self):
        self.path.mkdir(parents=True)
        self.refused('Is a directory')


class MasterKeyTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.secret = bytes(range(32))
        self.key = keys.MasterKey(self.secret)

    def test_the_password_of_a_node_is_hkdf_sha256_of_its_name(self):
        expected = base64.b64encode(_hkdf(self.secret, b'restic:n1'))
        self.assertEqual(expected.decode(), self.key.node_password('n1'))

    @unittest.skipUnless(shutil.which('age'), 'there is no age')
    def test_what_is_encrypted_for_a_node_is_opened_by_its_identity(self):
        sealed = self.age(b'text', '-r', self.key.node_recipient('n1'))
        path = self.folder / 'identity'
        path.write_text(self.key.node_identity('n1'))
        self.assertEqual(b'text', self.age(sealed, '-d', '-i', path))
        path.write_text(self.key.node_identity('n2'))
        with self.assertRaises(subprocess.CalledProcessError):
            self.age(sealed, '-d', '-i', path)

    def age(self, data, *words):
        return subprocess.run(['age', *words], input=data, check=True,
                              capture_output=True).stdout

    def test_the_words_of_the_manual_make_the_same_identity(self):
        manual = pathlib.Path(__file__).parents[3].joinpath(
            'doc/source/reference/storage-format.rst').read_text()
        begin = manual.index('"age:$NODE" > identity')
        script = textwrap.dedent(manual[begin:].partition('\n')[2].partition(
            '    EOF')[0])
        path = self.folder / 'key'
        path.write_text('BAAS-KEY-1:'
                        + base64.b64encode(self.secret).decode() + '\n')
        said = subprocess.run(
            [sys.executable, '-', path, 'age:n1'], input=script, text=True,
            check=True, stdout=subprocess.PIPE).stdout
        self.assertEqual(self.key.node_identity('n1') + '\n', said)

    def test_the_identity_never_changes_between_releases(self):
        self.assertEqual(
            'AGE-SECRET-KEY-1XAN6XQLC6MDW4978KTN09FLZWEUN4KU872ZNXSNDDZ0P7P'
            'PZR08SHRV7CW', self.key.node_identity('n1'))

    def test_the_password_never_changes_between_releases(self):
        # What "openssl kdf ... HKDF" gives, as the manual tells to.
        self.assertEqual('qtRA2tsQ78HivRfl06UNdK7mshx0I/rBK/3StS43KL8=',
                         self.key.node_password('controller-0'))

    def test_every_node_has_a_password_of_its_own(self):
        self.assertNotEqual(self.key.node_password('n1'),
                            self.key.node_password('n2'))

    def test_the_signing_key_is_hkdf_sha256_of_manifest(self):
        self.assertEqual(_hkdf(self.secret, b'manifest'),
                         self.key.signing_key().private_bytes_raw())

    def test_a_signature_holds_for_what_was_signed_only(self):
        signature = self.key.sign(b'one')
        self.assertTrue(self.key.verify(b'one', signature))
        self.assertFalse(self.key.verify(b'two', signature))
        self.assertFalse(self.key.verify(b'one', signature[:-1] + b'x'))
        self.assertFalse(self.key.verify(b'one', b''))
        other = keys.MasterKey(bytes(32))
        self.assertFalse(other.verify(b'one', signature))

    def test_no_secret_is_shown(self):
        shown = repr(self.key) + str(self.key) + f'{self.key}'
        for secret in (self.secret, self.key.signing_key().
                       private_bytes_raw()):
            for form in (secret.hex(), base64.b64encode(secret).decode(),
                         repr(secret)):
                self.assertNotIn(form, shown)
