# SPDX-License-Identifier: Apache-2.0
import hashlib
import json
import pathlib
import shutil
import tempfile
import unittest

from baas.storage import manifest
from baas.tests.unit.storage.drivers import sshd
from baas.tests.unit.storage import site


class VerifyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # One backup that was captured and not verified.
        cls.begun = site.Site(cls.addClassCleanup)
        cls.begun.remember('b1')
        cls.captured_b1 = cls.begun.capture('b1')

    def setUp(self):
        self.site = site.Site(self.addCleanup, like=self.begun,
                              in_process=True)
        self.job = self.site.verify_job('b1', dict(self.captured_b1))

    def take_first(self):
        return self.site.program('verify', **self.job)

    def refused(self, words, **job):
        said = self.site.program('verify', **job)
        self.assertEqual('error', said['state'], said)
        self.assertRegex(said['error']['cause'], words)
        self.assertTrue(said['error']['hint'])
        return said['error']['cause']

    def signed(self):
        return manifest.backups(self.site.storage, site.NODE)

    def test_a_good_backup_is_signed(self):
        self.site.in_process = False
        said = self.take_first()
        self.assertEqual('done', said['state'], said)
        stored = (self.site.root / 'n1/manifests/b1.json').read_bytes()
        self.assertEqual(hashlib.sha256(stored).hexdigest(),
                         said['result']['manifest_sha256'])
        made = manifest.read(self.site.storage, self.site.key, 'n1', 'b1')
        self.assertEqual('0.18.0', made['versions']['restic'])
        self.assertGreater(said['result']['read_bytes'], 2_000_000)

    def test_only_what_is_new_is_read_back(self):
        self.take_first()
        old = self.site.packs()
        said = self.site.take('b2')
        # One pack of data, one of trees, two for the list, their indexes and
        # snapshots: far less than all.
        self.assertLess(said['result']['read_bytes'], 2_300_000)
        self.assertLess(len(old), len(self.site.packs()))
        self.assertEqual(['b1', 'b2'], self.signed())

    def test_verifying_again_is_no_error(self):
        first = self.take_first()['result']
        again = self.take_first()
        self.assertEqual('done', again['state'], again)
        self.assertEqual(first['manifest_sha256'],
                         again['result']['manifest_sha256'])

    def test_a_flipped_bit_in_a_new_pack_is_found_and_named(self):
        job = self.job
        pack = self.site.packs()[0]
        _flip(pack)
        cause = self.refused('damaged', **job)
        self.assertIn(pack.name, cause)
        self.assertEqual([], self.signed())

    def test_a_flipped_bit_in_a_new_index_is_found_and_named(self):
        job = self.job
        index = next((self.site.root / 'n1/restic/index').iterdir())
        _flip(index)
        self.assertIn(index.name, self.refused('damaged', **job))

    def test_a_missing_pack_is_found_and_named(self):
        job = self.job
        pack = self.site.packs()[0]
        pack.unlink()
        self.assertIn(pack.name, self.refused('does not exist', **job))
        self.assertEqual([], self.signed())

    def test_a_missing_old_pack_is_found_too(self):
        self.take_first()
        pack = self.site.packs()[0]
        job = self.captured('b2')
        pack.unlink()
        self.assertIn(pack.name, self.refused('does not exist', **job))
        self.assertEqual(['b1'], self.signed())

    def test_a_truncated_old_pack_is_found_too(self):
        self.take_first()
        pack = self.site.packs()[0]
        job = self.captured('b2')
        _rewrite(pack, pack.read_bytes()[:-10])
        self.assertIn(pack.name, self.refused('unexpected file size', **job))

    def test_a_stored_backup_can_be_verified_in_full_later(self):
        self.take_first()
        job = {'node': 'n1', 'backup': 'b1'}
        said = self.site.program('verify', **job)
        self.assertEqual('done', said['state'], said)
        pack = self.site.packs()[-1]
        _flip(pack)
        self.assertIn(pack.name, self.refused('damaged', **job))

    def test_a_lost_memory_means_that_all_is_read_back(self):
        self.take_first()
        job = self.captured('b2')
        pathlib.Path(job['before']).unlink()
        said = self.site.program('verify', **job)
        self.assertGreater(said['result']['read_bytes'], 4_000_000)

    def test_another_file_list_than_the_node_wrote_is_refused(self):
        job = self.job
        job['capture']['files_sha256'] = '0' * 64
        self.refused('another file list', **job)
        self.assertEqual([], self.signed())

    def test_a_snapshot_of_another_backup_is_refused(self):
        job = self.captured('b2')
        self.refused('backup=b9', **{**job, 'backup': 'b9'})

    def test_a_manifest_that_was_changed_is_refused(self):
        self.take_first()
        path = self.site.root / 'n1/manifests/b1.json'
        path.write_text(path.read_text().replace('"n1"', '"n2"'))
        self.refused('was changed', node='n1', backup='b1')

    def test_another_master_key_is_told(self):
        job = self.job
        (self.site.state / 'key').unlink()
        self.refused('no key file', **job)
        site.keys.create(self.site.state / 'key')
        said = self.site.program('verify', **job)
        # It is that of another cloud, of which nothing is stored.
        self.assertIn('the path to it is right', said['error']['hint'])

    def test_a_job_file_without_a_node_is_refused(self):
        self.refused('node', backup='b1')

    def test_no_secret_stays_on_the_disk(self):
        self.site.in_process = False
        self.take_first()
        secret = self.site.key.node_password('n1').encode()
        for top in (self.site.state, self.site.folder / 'jobs'):
            for path in top.rglob('*'):
                if path.is_file() and path.name != 'key':
                    self.assertNotIn(secret, path.read_bytes(), path)
        self.assertFalse(list((self.site.folder / 'jobs').glob('*.run')))

    def captured(self, backup):
        """Remember and capture; give the job of the verify."""
        self.site.remember(backup)
        return self.site.verify_job(backup, self.site.capture(backup))


@unittest.skipIf(sshd.missing(), sshd.missing())
class VerifyOverSftpTest(unittest.TestCase):
    def test_a_backup_is_verified_and_removed_over_sftp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-sshd-'))
        self.addCleanup(shutil.rmtree, folder)
        server = sshd.Server(folder)
        self.addCleanup(server.stop)
        server.start()
        place = site.Site(self.addCleanup, server)
        for backup in ('b1', 'b2'):
            said = place.take(backup)
            self.assertEqual('done', said['state'], said)
        said = place.program('remove', node='n1', backup='b1')
        self.assertEqual('done', said['state'], said)
        self.assertEqual(['b2'], manifest.backups(place.storage, 'n1'))
        place.call('check', '--read-data')
        server.stop()
        said = place.program('verify', node='n1', backup='b2')
        self.assertIn('cannot be reached', said['error']['cause'])
        self.assertNotIn('PRIVATE KEY', json.dumps(said))


def _flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    _rewrite(path, data)


def _rewrite(path, data):
    path.chmod(0o600)
    path.write_bytes(data)
