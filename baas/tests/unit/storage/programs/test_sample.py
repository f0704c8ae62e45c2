# SPDX-License-Identifier: Apache-2.0
"""Which files a spot check takes."""
import hashlib
import json
import unittest

from baas.node.filelist import fields
from baas.storage import manifest
from baas.storage.verification import sample
from baas.tests.unit.storage import site

FIRST = b'{"baas_files": 1}\n'
LIST = FIRST + b''.join(
    json.dumps({fields.PATH: f'f{number}',
                fields.TYPE: 'd' if number % 10 == 0 else 'f'}).encode()
    + b'\n' for number in range(1000))


def drawn(share, seed='a', piece=100):
    """Draw from the list as it comes in pieces."""
    found = sample.Sample(share, seed)
    for begin in range(0, len(LIST), piece):
        found.take(LIST[begin:begin + piece])
    return found


class DrawTest(unittest.TestCase):

    def test_files_are_counted_and_folders_are_not(self):
        self.assertEqual(900, drawn(0.1).files)
        self.assertEqual(900, len(drawn(1).chosen))

    def test_about_a_share_is_chosen_and_never_none(self):
        self.assertTrue(60 < len(drawn(0.1).chosen) < 120)
        self.assertEqual(1, len(drawn(1e-9).chosen))

    def test_the_same_seed_chooses_the_same(self):
        self.assertEqual(drawn(0.1).chosen, drawn(0.1, piece=7).chosen)
        self.assertNotEqual(drawn(0.1).chosen, drawn(0.1, 'b').chosen)

    def test_the_list_is_recognized(self):
        self.assertEqual(hashlib.sha256(LIST).hexdigest(),
                         drawn(0.5).digest())


class SampleTest(unittest.TestCase):
    """A backup with a file list as nodes write it."""

    def setUp(self):
        self.site = site.Site(self.addCleanup, in_process=True)
        self.site.remember('b1')
        captured = self.site.capture('b1', size=1000)
        path = self.site.tree / 'of-b1'
        content = path.read_bytes()
        self.entry = {fields.PATH: 'of-b1', fields.TYPE: 'f',
                      fields.SIZE: len(content),
                      fields.SHA256: hashlib.sha256(content).hexdigest()}
        self.captured = captured

    def sign(self, entry):
        """Store a list with one entry, and sign for it."""
        listed = FIRST + json.dumps(entry).encode() + b'\n'
        id = self.site._snapshot(
            'backup', '--stdin', '--stdin-filename', 'files.jsonl', '--tag',
            'backup=b1', input=listed)
        said = self.site.program('verify', **self.site.verify_job('b1', {
            **self.captured, 'files_snapshot': id,
            'files_sha256': hashlib.sha256(listed).hexdigest()}))
        self.assertEqual('done', said['state'], said)

    def draw(self, **job):
        """Run the program; give what it says."""
        self.into = self.site.folder / 'sample.jsonl'
        return self.site.program('sample', **{
            'node': 'n1', 'backup': 'b1', 'share': 1, 'seed': 'a', 'read': 5,
            'into': str(self.into), **job})

    def test_entries_are_written_and_read_back(self):
        self.sign(self.entry)
        said = self.draw()
        self.assertEqual('done', said['state'], said)
        self.assertEqual(
            {'backup': 'b1', 'node': 'n1', 'files': 1, 'chosen': 1,
             'read_files': 1, 'differing': []}, said['result'])
        self.assertEqual(self.entry, json.loads(self.into.read_text()))
        self.assertEqual(0o600, self.into.stat().st_mode & 0o777)

    def test_what_was_stored_otherwise_than_it_was_read_is_named(self):
        self.sign({**self.entry, fields.SHA256: '0' * 64})
        [line] = self.draw()['result']['differing']
        self.assertIn('/of-b1', line)

    def test_another_list_than_was_signed_for_is_refused(self):
        self.sign(self.entry)
        made = manifest.read(self.site.storage, self.site.key, 'n1', 'b1')
        manifest.remove(self.site.storage, 'n1', 'b1')
        made['payload']['files_sha256'] = '0' * 64
        manifest.write(self.site.storage, self.site.key, made)
        said = self.draw()
        self.assertIn('another file list', said['error']['cause'])
        self.assertFalse(self.into.exists())
