# SPDX-License-Identifier: Apache-2.0
import os

from baas.node.filelist import walk
from baas.tests.unit.node import base


def _left_out(globs, path):
    return bool(walk.pattern(globs).match(path.encode()))


class PatternTest(base.NodeTest):

    def test_a_star_stays_within_a_name(self):
        self.assertTrue(_left_out(['/tmp/*'], '/tmp/a'))
        self.assertFalse(_left_out(['/tmp/*'], '/tmp'))
        self.assertFalse(_left_out(['/tmp/*'], '/tmp/a/b'))
        self.assertFalse(_left_out(['/tmp/*'], '/x/tmp/a'))

    def test_two_stars_cross_folders(self):
        self.assertTrue(_left_out(['/var/**/*.log'], '/var/a.log'))
        self.assertTrue(_left_out(['/var/**/*.log'], '/var/a/b/c.log'))
        self.assertFalse(_left_out(['/var/**/*.log'], '/opt/var/c.log'))

    def test_a_glob_without_a_slash_means_names_anywhere(self):
        self.assertTrue(_left_out(['*.iso'], '/srv/a/b.iso'))
        self.assertFalse(_left_out(['*.iso'], '/srv/a.iso/b'))

    def test_a_glob_with_a_slash_begins_at_the_top(self):
        self.assertTrue(_left_out(['srv/*'], '/srv/a'))
        self.assertFalse(_left_out(['srv/*'], '/x/srv/a'))

    def test_what_means_something_to_expressions_is_plain(self):
        self.assertTrue(_left_out(['/a+b(c)[d]'], '/a+b(c)[d]'))
        self.assertFalse(_left_out(['/a.b'], '/axb'))

    def test_a_name_with_a_newline_is_left_out_too(self):
        self.assertTrue(_left_out(['/tmp/*'], '/tmp/new\nline'))

    def test_no_globs_leave_nothing_out(self):
        self.assertIsNone(walk.pattern([]))
        self.assertIsNone(walk.pattern(['/', '']))


class WalkTest(base.NodeTest):

    def test_a_folder_is_followed_by_all_that_is_in_it(self):
        for name in ('a/x', 'a-b', 'a.b', 'a/y/z', 'b'):
            self.write('tree/' + name)
        paths = [path for path, _ in walk.walk(
            os.fsencode(self.path('tree')))]
        self.assertEqual([b'', b'a', b'a/x', b'a/y', b'a/y/z', b'a-b',
                          b'a.b', b'b'], paths)
        self.assertEqual(sorted(paths, key=walk.key), paths)

    def test_what_is_left_out_is_named_and_not_entered(self):
        for name in ('keep', 'gone/inside', 'tmp/a', 'tmp/b'):
            self.write('tree/' + name)
        left = []
        paths = [path for path, _ in walk.walk(
            os.fsencode(self.path('tree')),
            walk.pattern(['/gone', '/tmp/*']), left)]
        self.assertEqual([b'', b'keep', b'tmp'], paths)
        self.assertEqual([b'gone', b'tmp/a', b'tmp/b'], left)

    def test_a_link_to_a_folder_is_not_entered(self):
        self.write('tree/real/file')
        os.symlink('real', self.path('tree', 'link'))
        paths = [path for path, _ in walk.walk(
            os.fsencode(self.path('tree')))]
        self.assertNotIn(b'link/file', paths)

    def test_a_fingerprint_changes_with_any_file(self):
        path = self.write('tree/deep/file')
        top = os.fsencode(self.path('tree'))
        before = walk.fingerprint(top)
        self.assertEqual(before, walk.fingerprint(top))
        os.utime(path, ns=(1, 1))
        self.assertNotEqual(before, walk.fingerprint(top))
