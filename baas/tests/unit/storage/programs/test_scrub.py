# SPDX-License-Identifier: Apache-2.0
"""Whatever happens to anything that is stored, verification finds it."""
import hashlib
import json
import pathlib
import shutil
import threading
import time
import unittest

from baas.storage import manifest
from baas.tests.unit.storage import site

KERNEL = b'a kernel' * 1000
RESCUE = {'kernel': {'object': 'n1/rescue/kernel-1', 'size': len(KERNEL),
                     'sha256': hashlib.sha256(KERNEL).hexdigest()}}


def flip(path):
    """Turn one bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    rewrite(path, bytes(data))


def truncate(path):
    """Cut the end off."""
    rewrite(path, path.read_bytes()[:-7])


def rewrite(path, data):
    """Put another content in the place of a file."""
    path.unlink()
    path.write_bytes(data)


class Scrubbing:
    """Two backups, the second one with an image of its rescue system."""

    @classmethod
    def setUpClass(cls):
        cls.taken = site.Site(cls.addClassCleanup, in_process=True)
        cls.taken.storage.write('n1/rescue/kernel-1', KERNEL)
        for backup in ('b1', 'b2'):
            cls.taken.remember(backup)
            job = cls.taken.verify_job(backup, cls.taken.capture(
                backup, size=400_000))
            if backup == 'b2':
                job['manifest']['rescue'] = RESCUE
            said = cls.taken.program('verify', **job,
                                     service=[str(cls.taken.config)])
            assert said['state'] == 'done', said
        cls.packs = {}
        for index in (cls.taken.root / 'n1/restic/index').iterdir():
            found = json.loads(cls.taken.call('cat', 'index', index.name))
            for pack in found['packs']:
                cls.packs[pack['id']] = {blob['type']
                                         for blob in pack['blobs']}

    def setUp(self):
        self.again()

    def again(self):
        """Begin with what is whole."""
        self.site = site.Site(self.addCleanup, like=self.taken,
                              in_process=True)
        shutil.rmtree(self.site.state / 'cache', ignore_errors=True)
        self.folder = self.site.root / 'n1'
        self.log = self.site.folder / 'log'

    def scrub(self, **job):
        """Read all; give the result."""
        said = self.said(**job)
        self.assertEqual('done', said['state'], said)
        return said['result']

    def said(self, **job):
        """Read; give what the program says."""
        ages = self.site.folder / 'ages'
        ages.write_text(json.dumps(job.pop('ages', {})))
        return self.site.program('scrub', **{
            'node': 'n1', 'share': 1, 'ages': str(ages),
            'log': str(self.log), 'backups': {'b1': None, 'b2': None},
            'lists': ['b2'], **job})

    def logged(self):
        """Give the lines of the log."""
        return [json.loads(line) for line in
                self.log.read_text().splitlines()]

    def damaged(self, **job):
        """Give the names of damaged objects by backups."""
        return {id: [one['object'] for one in found['damages']]
                for id, found in self.scrub(**job)['backups'].items()
                if found['damages']}

    def objects(self):
        """Give all that is stored but what has no meaning, by kind."""
        found = {'config': [self.folder / 'restic/config'],
                 'rescue': [self.folder / 'rescue/kernel-1']}
        for kind in ('index', 'keys', 'snapshots'):
            found[kind] = sorted((self.folder / 'restic' / kind).iterdir())
        for suffix in ('.json', '.minisig'):
            found[suffix] = sorted(self.folder.glob(f'manifests/*{suffix}'))
        for kind in ('data', 'tree'):
            found[kind] = [path for path in self.site.packs()
                           if kind in self.packs[path.name]]
        return found

    def find(self, path):
        """Give the same file of the site at work."""
        parts = path.parts
        return self.folder.joinpath(*parts[parts.index('n1') + 1:])

    def name(self, path):
        """Give the name in the storage."""
        return str(path.relative_to(self.site.root))


class ScrubTest(Scrubbing, unittest.TestCase):

    def test_what_is_whole_is_whole(self):
        found = self.scrub()
        self.assertEqual({'b1', 'b2'}, set(found['backups']))
        for one in found['backups'].values():
            self.assertEqual([], one['damages'])
            self.assertLess(one['age_seconds'], 600)
        self.assertEqual(found['stored_bytes'], found['read_bytes'])
        self.assertEqual(found['read_files'], len(self.logged()))

    def test_damaged_files_of_the_service_harm_no_backup_and_are_named(self):
        for harm in (flip, truncate, pathlib.Path.unlink):
            with self.subTest(harm.__name__):
                self.again()
                path = sorted((self.folder / 'service').iterdir())[0]
                harm(path)
                found = self.scrub()
                self.assertEqual([self.name(path)], found['unneeded'])
                self.assertEqual([[], []], [
                    one['damages'] for one in found['backups'].values()])

    def test_damage_of_each_kind_to_each_kind_of_object_is_found(self):
        for kind, paths in self.objects().items():
            self.assertTrue(paths, kind)
            for harm in (flip, truncate, type(paths[0]).unlink):
                with self.subTest(kind=kind, harm=harm.__name__):
                    self.again()
                    path = self.find(paths[0])
                    harm(path)
                    found = self.damaged()
                    self.assertTrue(found, 'nobody noticed')
                    named = {name for names in found.values()
                             for name in names}
                    self.assertTrue(
                        {self.name(path)} & named or kind in (
                            'index', 'keys', '.minisig'), named)

    def test_a_swapped_object_of_each_kind_is_found(self):
        for kind, paths in self.objects().items():
            with self.subTest(kind):
                self.again()
                path = self.find(paths[0])
                other = self.find(paths[1]) if len(paths) > 1 else \
                    self.folder / 'manifests/b1.json'
                rewrite(path, other.read_bytes())
                self.assertTrue(self.damaged(), 'nobody noticed')

    def test_damage_is_told_of_the_backup_and_the_file_that_it_hits(self):
        # Each backup has a pack of its own with the file of that night.
        for path in self.objects()['data']:
            self.again()
            flip(self.find(path))
            found = self.scrub()['backups']
            files = {name for one in found.values()
                     for damage in one['damages'] for name in damage['files']}
            if '/of-b2' in files:
                break
        else:
            self.fail('no pack has the file of the second backup')
        self.assertEqual([], found['b1']['damages'])
        self.assertIsNone(found['b2']['age_seconds'])

    def test_a_manifest_is_that_of_its_backup_alone(self):
        rewrite(self.folder / 'manifests/b1.json',
                (self.folder / 'manifests/b2.json').read_bytes())
        rewrite(self.folder / 'manifests/b1.json.minisig',
                (self.folder / 'manifests/b2.json.minisig').read_bytes())
        self.assertEqual({'b1': ['n1/manifests/b1.json']}, self.damaged())

    def test_another_manifest_than_was_signed_for_is_told(self):
        digest = hashlib.sha256(
            (self.folder / 'manifests/b1.json').read_bytes()).hexdigest()
        self.assertEqual({}, self.damaged(backups={'b1': digest}))
        self.assertEqual({'b1': ['n1/manifests/b1.json']},
                         self.damaged(backups={'b1': '0' * 64}))

    def test_another_file_list_than_was_signed_for_is_told(self):
        made = manifest.read(self.site.storage, self.site.key, 'n1', 'b2')
        for name in ('.json', '.json.minisig'):
            (self.folder / f'manifests/b2{name}').unlink()
        made['payload']['files_sha256'] = '0' * 64
        manifest.write(self.site.storage, self.site.key, made)
        self.assertEqual(['b2'], list(self.damaged()))

    def test_an_image_of_a_rescue_system_hits_its_backup_alone(self):
        flip(self.folder / 'rescue/kernel-1')
        self.assertEqual({'b2': ['n1/rescue/kernel-1']}, self.damaged())

    def test_damage_that_hits_nothing_is_told_apart(self):
        digest = hashlib.sha256(b'an orphan').hexdigest()
        path = self.folder / f'restic/data/{digest[:2]}/{digest}'
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b'an 0rphan')
        found = self.scrub()
        self.assertEqual([self.name(path)], found['unneeded'])
        self.assertEqual([[], []], [
            one['damages'] for one in found['backups'].values()])

    def test_a_share_takes_what_was_not_read_for_the_longest_time(self):
        everything = {line['name'] for line in self.read()}
        ages = {name: 100.0 for name in everything}
        old = sorted(everything)[0]
        ages[old] = 9000.0
        self.again()
        self.assertEqual(old, self.read(share=0.0001, ages=ages)[0]['name'])
        self.again()
        some = self.read(share=0.5, ages=ages)
        self.assertLess(len(some), len(everything))

    def read(self, **job):
        """Read; give the lines of the log."""
        self.scrub(**job)
        return self.logged()

    def test_what_was_read_since_is_not_read_again_unless_it_was_bad(self):
        everything = [line['name'] for line in self.read()]
        ages = dict.fromkeys(everything, 100.0)
        self.again()
        self.assertEqual([everything[0]], [line['name'] for line in self.read(
            since=200, ages=ages, faulty=[everything[0]])])

    def test_a_storage_that_vanishes_half_way_is_no_damage(self):
        # One large object holds the reading up until the storage is gone.
        path = self.folder / f'restic/data/ff/{"f" * 64}'
        path.parent.mkdir(exist_ok=True)
        with open(path, 'wb') as file:
            file.truncate(400 << 20)
        top, away = self.site.root.parent, self.site.folder / 'away'

        def vanish():
            until = time.monotonic() + 60
            while not self.log.exists() and time.monotonic() < until:
                time.sleep(0.005)
            top.rename(away)

        thread = threading.Thread(target=vanish)
        thread.start()
        said = self.said()
        thread.join()
        self.assertEqual('error', said['state'], said)
        self.assertIn('does not exist', said['error']['cause'])
        self.assertTrue(said['error']['hint'])
        self.assertEqual([], [line['fault'] for line in self.logged()
                              if line['fault']])
        self.assertTrue(self.logged())
        away.rename(top)
        path.unlink()
        self.assertEqual({}, self.damaged())

    def test_an_empty_folder_in_its_place_is_no_damage(self):
        # As a share is that is not mounted.
        self.site.root.rename(self.site.folder / 'away')
        said = self.said()
        self.assertEqual('error', said['state'], said)
        self.assertIn('Nothing at all is stored of n1',
                      said['error']['cause'])

    def test_what_is_not_there_any_more_is_forgotten(self):
        self.scrub(ages={'n1/restic/data/00/gone': 5.0})
        self.assertEqual({'gone': 'n1/restic/data/00/gone'},
                         self.logged()[-1])

    def test_of_what_was_never_read_no_age_is_known(self):
        found = self.scrub(share=0.0001)
        self.assertEqual([None, None], [
            one['age_seconds'] for one in found['backups'].values()])
