# SPDX-License-Identifier: Apache-2.0
"""Whatever happens to an archive, verification finds it."""
import hashlib
import unittest

from baas.jobs import measured
from baas.storage import manifest
from baas.tests.unit.storage.programs import test_scrub
from baas.tests.unit.storage import site


class ScrubTarTest(test_scrub.Scrubbing, unittest.TestCase):
    """Two backups that are archives; what is in them is of no interest."""

    @classmethod
    def setUpClass(cls):
        cls.taken = site.Site(cls.addClassCleanup, in_process=True)
        for backup in ('b1', 'b2'):
            cls.store(backup)

    @classmethod
    def store(cls, backup):
        """Store the objects of a backup, and sign for them."""
        parts = {}
        for part in ('archive', 'list'):
            data = f'{part} of {backup}'.encode() * 500
            parts[part] = {'name': f'n1/tar/{backup}/{part}',
                           'size': len(data),
                           'sha256': hashlib.sha256(data).hexdigest()}
            cls.taken.storage.write(parts[part]['name'], data)
        about = {**cls.taken.verify_job(backup, {})['manifest'],
                 'node': 'n1', 'backup': backup, 'versions': {},
                 'cloud': cls.taken.key.cloud}
        manifest.write(cls.taken.storage, cls.taken.key, manifest.build(
            about, {**dict.fromkeys(measured.PAYLOAD, 1), **parts,
                    'kind': 'tar', 'files_sha256': '00', 'disk_bytes': 1,
                    'layout': {}}))

    def test_what_is_whole_is_whole(self):
        found = self.scrub()
        self.assertEqual({}, self.damaged())
        self.assertEqual((4, found['stored_bytes']),
                         (found['read_files'], found['read_bytes']))
        for one in found['backups'].values():
            self.assertLess(one['age_seconds'], 600)

    def test_damage_of_each_kind_to_each_part_hits_its_backup_alone(self):
        for part in ('archive', 'list'):
            name = f'n1/tar/b1/{part}'
            for harm in (test_scrub.flip, test_scrub.truncate,
                         lambda path: path.unlink(),
                         lambda path: test_scrub.rewrite(path, (
                             self.folder / 'tar/b2' / path.name
                         ).read_bytes())):
                with self.subTest(part):
                    self.again()
                    harm(self.site.root / name)
                    self.assertEqual({'b1': [name]}, self.damaged())

    def test_of_a_share_each_backup_has_an_age_of_its_own(self):
        ages = {f'n1/tar/b1/{part}': 50.0 for part in ('archive', 'list')}
        found = self.scrub(share=0.0001, ages=ages)['backups']
        self.assertGreaterEqual(found['b1']['age_seconds'], 50)
        self.assertIsNone(found['b2']['age_seconds'])
