# SPDX-License-Identifier: Apache-2.0
"""What a spot check says of a node that is at work."""
import json
import os
import time
import unittest

from baas.node import errors
from baas.node.backup import spot_check
from baas.node.filelist import fields
from baas.node.filelist import listing
from baas.node.filelist import walk
from baas.node import paths
from baas.tests.unit.node import awkward
from baas.tests.unit.node import base
from baas.tests.unit.node import loopdisks

LATER = 10 ** 4  # seconds


class SpotCheckTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        for name in ('etc/hosts', 'etc/deep/er/file', 'srv/data'):
            self.write('top/' + name, name * 100)
        self.entries = self.listed()

    def listed(self):
        """Make the file list of the tree; give the entries of its files."""
        top = os.fsencode(paths.TOP)
        writer = listing.Writer(self.path('list'), self.path('memory'),
                                'b1', 'n1', time.time())
        for path, found in walk.walk(top):
            writer.add(top, path, found)
        writer.close()
        return [entry for entry in listing.read(self.path('list'))
                if entry[fields.TYPE] == 'f']

    def check(self, entries=None, age=-LATER, **options):
        """Compare; the backup was so many seconds ago."""
        sample = self.write('sample', ''.join(
            json.dumps(entry) + '\n'
            for entry in (self.entries if entries is None else entries)))
        return spot_check.spot_check(self.asked(
            'spot_check', sample=sample, moment=time.time() - age,
            **options))

    def test_what_is_as_it_was_is_the_same(self):
        found = self.check()
        self.assertEqual((3, 3, []), (found['compared'], found['same'],
                                      found['examples']))

    def test_it_gives_way_to_all_that_is_at_work_on_the_node(self):
        self.check()
        self.assertEqual(19, os.getpriority(os.PRIO_PROCESS, 0))

    def test_it_makes_no_test_slow_that_comes_after_it(self):
        os.setpriority(os.PRIO_PROCESS, 0, 3)
        result = unittest.TestResult()
        SpotCheckTest('test_what_is_as_it_was_is_the_same').run(result)
        self.assertTrue(result.wasSuccessful(), result.failures)
        self.assertEqual(3, os.getpriority(os.PRIO_PROCESS, 0))

    def test_a_file_that_the_backup_has_otherwise_is_named(self):
        self.entries[1][fields.SHA256] = '0' * 64
        found = self.check()
        self.assertEqual((2, 1), (found['same'], found['changed']))
        self.assertEqual(['/etc/hosts: its content differs.'],
                         found['examples'])

    def test_a_file_that_was_touched_since_does_not_count(self):
        self.write('top/etc/hosts', 'other')
        found = self.check(age=LATER)
        self.assertEqual((0, 3, 0), (found['same'], found['changed_since'],
                                     found['changed']))
        self.assertEqual([], found['examples'])

    def test_a_file_that_the_backup_has_and_the_node_never_had_counts(self):
        os.unlink(self.path('top/srv/data'))
        found = self.check()
        self.assertEqual((1, ['/srv/data: it is missing.']),
                         (found['missing'], found['examples']))

    def test_a_file_that_was_removed_since_does_not_count(self):
        os.unlink(self.path('top/etc/deep/er/file'))
        os.rmdir(self.path('top/etc/deep/er'))
        found = self.check(age=LATER)
        self.assertEqual((1, 0), (found['missing_since'], found['missing']))

    def test_a_mode_that_is_another_counts(self):
        os.chmod(self.path('top/etc/hosts'), 0o640)
        self.assertIn('mode', self.check()['examples'][0])

    def test_a_folder_that_cannot_be_read_is_not_taken_for_an_empty_one(self):
        self.too_deep('top')
        with self.assertRaises(errors.NodeError) as caught:
            spot_check.count([os.fsencode(self.path('top'))], set(), None,
                             lambda **_told: None)
        self.assertRegex(caught.exception.cause, 'cannot be counted: File')

    def test_nothing_is_changed_by_looking(self):
        before = walk.fingerprint(os.fsencode(paths.TOP))
        times = os.stat(self.path('top/etc/hosts')).st_atime_ns
        self.check()
        self.assertEqual(before, walk.fingerprint(os.fsencode(paths.TOP)))
        self.assertEqual(times,
                         os.stat(self.path('top/etc/hosts')).st_atime_ns)

    def test_a_sample_that_is_gone_is_told(self):
        with self.assertRaisesRegex(errors.NodeError, 'no sample'):
            spot_check.spot_check(self.asked(
                'spot_check', sample=self.path('gone'), moment=1.0))


@unittest.skipIf(loopdisks.why_not(), loopdisks.why_not())
class CountTest(base.NodeTest):

    def test_files_are_counted_as_a_backup_would_take_them(self):
        paths.TOP = loopdisks.mount(self, 'node')
        awkward.fill(os.fsencode(paths.TOP))
        os.makedirs(os.path.join(paths.TOP, 'out'))
        for number in range(5):
            with open(os.path.join(paths.TOP, 'out', str(number)), 'w'):
                pass
        sample = self.write('sample', '')

        def count(*excludes):
            return spot_check.spot_check(self.asked(
                'spot_check', sample=sample, moment=1.0,
                excludes=list(excludes)))['files_now']

        wanted = sum(found.st_mode & 0o170000 == 0o100000
                     for _path, found in walk.walk(
                         os.fsencode(paths.TOP),
                         walk.pattern(list(walk.EXCLUDED))))
        self.assertEqual(wanted, count())
        self.assertEqual(wanted - 5, count('/out'))
