# SPDX-License-Identifier: Apache-2.0
import os
import time

from baas.node import errors
from baas.node.filelist import compare
from baas.node.filelist import listing
from baas.node.filelist import walk
from baas.tests.unit.node import base


class CompareTest(base.NodeTest):
    """A tree that is held against its list."""

    def setUp(self):
        super().setUp()
        for number in range(200):
            self.write('tree/%d' % number)
        for one, other in (('1', 'one'), ('2', 'two')):
            os.link(self.path('tree', one), self.path('tree', other))
        top = os.fsencode(self.path('tree'))
        writer = listing.Writer(self.path('list'), self.path('memory'),
                                'b', 'n', time.time() + 60)
        for path, found in walk.walk(top):
            writer.add(top, path, found)
        writer.close()

    def compare(self, reports=()):
        asked = self.asked('compare', root=self.path('tree'),
                           list=self.path('list'))
        asked.report = lambda **more: reports.append(more['files_done'])
        return compare.compare(asked)

    def test_what_is_the_same_is_counted_and_told_of_on_the_way(self):
        reports = []
        found = self.compare(reports)
        self.assertEqual((203, 0), (found['compared'], found['differing']))
        self.assertEqual([200], reports)

    def test_names_that_are_links_to_other_files_now_are_named(self):
        top = self.path('tree')
        when = os.stat(top)
        for name in ('2', 'two'):
            os.unlink(os.path.join(top, name))
            os.link(os.path.join(top, 'one'), os.path.join(top, name))
        os.utime(top, ns=(when.st_atime_ns, when.st_mtime_ns))
        with self.assertRaises(errors.NodeError) as caught:
            self.compare([])
        self.assertIn('2 of 203 files differ', caught.exception.cause)
        self.assertIn('hard link to other files now',
                      caught.exception.result['examples'][0])
