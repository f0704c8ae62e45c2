# SPDX-License-Identifier: Apache-2.0
import os
import stat

from baas.node.filelist import reapply
from baas.tests.unit.node import base

BLOCK = 4096


class HolesTest(base.NodeTest):
    """A file that came back with zeros where it had holes."""

    def setUp(self):
        super().setUp()
        data = os.urandom(BLOCK)
        # As the pages of a database: a hole after each block, three at the
        # end, and one across two pieces.
        self.content = (data + bytes(BLOCK)) * 600 + bytes(3 * BLOCK) + b'end'
        self.file = self.write('file')
        with open(self.file, 'wb') as handle:
            handle.write(self.content)
            os.fsync(handle.fileno())
        os.chmod(self.file, 0o640)
        self.entry = {'p': 'file', 't': 'f', 'm': 0o640, 'u': os.getuid(),
                      'g': os.getgid(), 's': len(self.content),
                      'n': 1_600_000_000 * 10**9}

    def put_back(self, **more):
        """Put the attributes back; give the room that the file takes."""
        found = os.lstat(self.file)
        reapply._repair(os.fsencode(self.file), found,
                        {**self.entry, **more})
        after = os.lstat(self.file)
        self.assertEqual((len(self.content), 0o640, self.entry['n']),
                         (after.st_size, stat.S_IMODE(after.st_mode),
                          after.st_mtime_ns))
        with open(self.file, 'rb') as handle:
            self.assertTrue(handle.read() == self.content)
        return after.st_blocks * 512

    def test_its_holes_are_holes_again_and_nothing_else_changes(self):
        # Some file systems count what tells where its parts are.
        self.assertLess(self.put_back(k=601 * BLOCK), 610 * BLOCK)

    def test_again_it_stays_so(self):
        once = self.put_back(k=601 * BLOCK)
        self.assertEqual(once, self.put_back(k=600 * BLOCK))

    def test_zeros_of_a_file_that_had_no_holes_stay(self):
        before = os.lstat(self.file).st_blocks * 512
        self.assertEqual(before, self.put_back())
