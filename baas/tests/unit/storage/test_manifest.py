# SPDX-License-Identifier: Apache-2.0
import base64
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import tracemalloc
import unittest

from baas.jobs import measured
from baas import keys
from baas.storage import base
from baas.storage import manifest
from baas.tests.unit.storage import places

ABOUT = {'backup': 'b1', 'cloud': 'c1', 'set': 's1', 'name': 'nightly',
         'target': 'overcloud', 'node': 'n1',
         'created': '2026-01-02T03:04:05Z', 'stopall': True,
         'quiesce_mode': 'stop',
         'quiesced': ['mariadb.service'], 'outage_seconds': 3.5,
         'service_outages': {'mariadb.service': 3.5},
         'versions': {'restic': '0.18.0', 'baas': '1'}}
CAPTURE = {**dict.fromkeys(measured.PAYLOAD, 1), 'kind': 'restic',
           'snapshot': 'a' * 64, 'files_snapshot': 'b' * 64,
           'files_sha256': 'c' * 64, 'files': 3, 'size_bytes': 30,
           'disk_bytes': 25, 'stored_bytes': 20,
           'layout': {'hostname': 'n1.example'},
           'seconds': 7, 'deadman_fired': False}


class BuildTest(unittest.TestCase):
    def test_it_tells_of_which_moment_a_dump_is(self):
        dump = {'file': 'database.sql.gz', 'position': {
            'galera': {'uuid': 'u', 'first': 1, 'last': 2}, 'binlog': None}}
        made = manifest.build({**ABOUT, 'dump': dump}, CAPTURE)
        self.assertEqual(dump, made['dump'])
        self.assertNotIn('dump', manifest.build({**ABOUT, 'dump': {}},
                                                CAPTURE))

    def test_it_tells_what_the_backup_does_not_hold(self):
        coverage = {'previous_set': None, 'gaps': [
            {'kind': 'filesystem', 'what': '/srv', 'used_bytes': 7}]}
        made = manifest.build({**ABOUT, 'coverage': coverage}, CAPTURE)
        self.assertEqual(coverage, made['coverage'])
        self.assertIn(b'"what":"/srv"', manifest.canonical(made))
        self.assertNotIn('coverage', manifest.build(
            {**ABOUT, 'coverage': {}}, CAPTURE))

    def test_it_names_the_nodes_that_its_set_was_taken_without(self):
        made = manifest.build({**ABOUT, 'missing_nodes': ['c-2']}, CAPTURE)
        self.assertEqual(['c-2'], made['missing_nodes'])
        for nobody in ({}, {'missing_nodes': []}):
            self.assertEqual(manifest.build(ABOUT, CAPTURE), manifest.build(
                {**ABOUT, **nobody}, CAPTURE))

    def test_a_manifest_has_what_a_restore_needs(self):
        made = manifest.build(ABOUT, CAPTURE)
        self.assertEqual(1, made['format'])
        self.assertEqual({**dict.fromkeys(measured.PAYLOAD, 1),
                          'kind': 'restic', 'snapshot': 'a' * 64,
                          'files_snapshot': 'b' * 64,
                          'files_sha256': 'c' * 64, 'files': 3,
                          'size_bytes': 30, 'disk_bytes': 25,
                          'stored_bytes': 20},
                         made['payload'])
        self.assertEqual(CAPTURE['layout'], made['layout'])
        for name, value in ABOUT.items():
            self.assertEqual(value, made[name])
        self.assertEqual(len(ABOUT) + 3, len(made))

    def test_that_of_an_archive_names_it_with_size_and_checksum(self):
        stored = {name: {'name': f'n1/tar/b1/{name}', 'size': 5,
                         'sha256': 'd' * 64} for name in ('archive', 'list')}
        made = manifest.build(ABOUT, {**CAPTURE, **stored, 'kind': 'tar'})
        self.assertEqual('tar', manifest.kind(made))
        self.assertEqual(stored['archive'], made['payload']['archive'])
        self.assertNotIn('snapshot', made['payload'])
        with self.assertRaisesRegex(manifest.ManifestError, 'archive is Non'):
            manifest.build(ABOUT, {**CAPTURE, 'kind': 'tar'})

    def test_an_unknown_kind_is_refused(self):
        with self.assertRaises(manifest.ManifestError):
            manifest.build(ABOUT, {**CAPTURE, 'kind': 'floppy'})

    def test_the_kind_of_an_old_manifest_is_read(self):
        self.assertEqual('restic', manifest.kind(
            {'payload': {'driver': 'restic'}}))

    def test_a_missing_field_is_named(self):
        for values, about in ((ABOUT, True), (CAPTURE, False)):
            for name in values:
                if name in ('seconds', 'deadman_fired'):
                    continue
                less = {key: values[key] for key in values if key != name}
                with self.subTest(name=name), self.assertRaisesRegex(
                        manifest.ManifestError, f'{name} is None'):
                    manifest.build(*((less, CAPTURE) if about
                                     else (ABOUT, less)))

    def test_a_field_of_another_type_is_refused(self):
        with self.assertRaisesRegex(manifest.ManifestError,
                                    'quiesce_mode is None'):
            manifest.build({**ABOUT, 'quiesce_mode': None}, CAPTURE)
        for name, value in (('files', '3'), ('files', True),
                            ('snapshot', 5), ('layout', [])):
            with self.subTest(name=name), self.assertRaises(
                    manifest.ManifestError):
                manifest.build(ABOUT, {**CAPTURE, name: value})
        with self.assertRaises(manifest.ManifestError):
            manifest.build({**ABOUT, 'stopall': 'no'}, CAPTURE)

    def test_equal_manifests_have_equal_bytes(self):
        turned = dict(reversed(ABOUT.items()))
        one = manifest.canonical(manifest.build(ABOUT, CAPTURE))
        two = manifest.canonical(manifest.build(turned, CAPTURE))
        self.assertEqual(one, two)
        self.assertTrue(one.endswith(b'}\n'))
        self.assertNotIn(b': ', one)

    def test_what_json_does_not_know_is_refused(self):
        with self.assertRaises(ValueError):
            manifest.canonical({'outage_seconds': float('nan')})


class StoredManifestTest(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        self.root = folder / 'root'
        self.root.mkdir()
        self.storage = places.file_storage(folder, self.root)
        self.key = keys.MasterKey(bytes(32))
        self.made = manifest.build(ABOUT, CAPTURE)
        self.signed = manifest.write(self.storage, self.key, self.made)
        self.path = self.root / 'n1/manifests/b1.json'
        self.signature = self.root / 'n1/manifests/b1.json.minisig'

    def read(self, backup='b1', node='n1'):
        return manifest.read(self.storage, self.key, node, backup)

    def refused(self, words, **which):
        with self.assertRaisesRegex(manifest.ManifestError, words) as caught:
            self.read(**which)
        self.assertIn('Do not restore', caught.exception.hint)

    def test_it_is_read_back_as_it_was(self):
        self.assertEqual(self.made, self.read())
        self.assertEqual(self.signed, self.path.read_bytes())

    def test_any_changed_byte_is_detected(self):
        data = self.path.read_bytes()
        for place in range(0, len(data), 7):
            changed = bytearray(data)
            changed[place] ^= 1
            self.path.write_bytes(changed)
            self.refused('was changed')

    def test_a_changed_value_is_detected(self):
        values = json.loads(self.path.read_bytes())
        values['payload']['snapshot'] = 'd' * 64
        self.path.write_bytes(manifest.canonical(values))
        self.refused('was changed')

    def test_a_missing_or_damaged_signature_is_detected(self):
        for text in ('', 'no base64!', base64.b64encode(bytes(64)).decode()):
            self.signature.write_text(text)
            self.refused('signature|not signed')
        self.signature.unlink()
        self.refused('has no signature')

    def test_any_changed_byte_of_a_signature_is_detected(self):
        text = self.signature.read_bytes()
        for place in range(len(text)):
            for bit in (1, 4, 32):
                changed = bytearray(text)
                changed[place] ^= bit
                self.assertFalse(self.key.verify_file(
                    self.signed, bytes(changed)), (place, bit))
        for changed in (text[:-1], text + b'\n', text * 2, b'\xff' + text):
            self.assertFalse(self.key.verify_file(self.signed, changed))
        self.assertTrue(self.key.verify_file(self.signed, text))

    @unittest.skipUnless(shutil.which('minisign'), 'there is no minisign')
    def test_anybody_can_check_it_with_minisign(self):
        check = ['minisign', '-V', '-p', self.root / manifest.PUBLIC_KEY,
                 '-m', self.path]
        said = subprocess.run(check, check=True, stdout=subprocess.PIPE,
                              universal_newlines=True).stdout
        self.assertIn('Trusted comment: backup b1 of node n1', said)
        self.path.write_bytes(self.signed.replace(b'nightly', b'nightlx'))
        self.assertEqual(1, subprocess.run(
            check, stderr=subprocess.DEVNULL).returncode)

    def test_one_that_is_larger_than_any_is_not_read_to_its_end(self):
        os.truncate(self.path, 1 << 30)
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        self.refused('larger than any')
        self.assertLess(tracemalloc.get_traced_memory()[1], 256 << 20)

    def test_nothing_is_left_to_do_when_the_manifest_is_there(self):
        public = self.root / manifest.PUBLIC_KEY
        public.unlink()
        public.mkdir()  # nobody can write it
        with self.assertRaises(base.StorageError):
            manifest.write(self.storage, self.key,
                           {**self.made, 'backup': 'b6'})
        self.assertEqual(['b1'], manifest.backups(self.storage, 'n1'))

    def test_the_public_key_is_published_once(self):
        public = self.root / manifest.PUBLIC_KEY
        self.assertEqual(self.key.public_key(), public.read_text())
        before = public.stat()
        manifest.write(self.storage, self.key, {**self.made, 'backup': 'b5'})
        self.assertEqual(before.st_ino, public.stat().st_ino)

    def test_a_signature_of_another_key_is_refused(self):
        self.key = keys.MasterKey(b'x' * 32)
        self.refused('not signed with this master key')

    def test_the_manifest_of_another_backup_or_node_is_refused(self):
        shutil.copytree(self.root / 'n1', self.root / 'n2')
        self.refused('another backup', node='n2')
        for path in (self.path, self.signature):
            shutil.copy(path, path.with_name(path.name.replace('b1', 'b2')))
        self.refused('another backup', backup='b2')

    def test_a_newer_format_is_refused(self):
        newer = {**self.made, 'format': 2, 'backup': 'b9'}
        manifest.write(self.storage, self.key, newer)
        self.refused('format', backup='b9')

    def test_what_is_not_stored_is_missing(self):
        with self.assertRaises(base.Missing):
            self.read(backup='b3')

    def test_writing_the_same_again_is_no_error(self):
        self.assertEqual(self.signed, manifest.write(
            self.storage, self.key, self.made))
        self.read()

    def test_another_manifest_never_replaces_one(self):
        other = {**self.made, 'name': 'other'}
        with self.assertRaises(base.Exists):
            manifest.write(self.storage, self.key, other)
        self.assertEqual(self.made, self.read())

    def test_who_died_between_the_two_files_is_no_obstacle(self):
        # The signature goes first, so it may be there alone and be of
        # something else.
        self.path.unlink()
        self.assertEqual([], manifest.backups(self.storage, 'n1'))
        other = {**self.made, 'name': 'other'}
        manifest.write(self.storage, self.key, other)
        self.assertEqual(other, self.read())

    def test_backups_lists_those_with_a_manifest(self):
        manifest.write(self.storage, self.key, {**self.made, 'backup': 'a'})
        self.assertEqual(['a', 'b1'], manifest.backups(self.storage, 'n1'))
        self.assertEqual([], manifest.backups(self.storage, 'n7'))

    def test_remove_removes_both_and_again_is_no_error(self):
        manifest.write(self.storage, self.key, {**self.made, 'backup': 'a'})
        manifest.remove(self.storage, 'n1', 'b1')
        manifest.remove(self.storage, 'n1', 'b1')
        self.assertEqual(['a'], manifest.backups(self.storage, 'n1'))
        self.assertFalse(self.signature.exists())
