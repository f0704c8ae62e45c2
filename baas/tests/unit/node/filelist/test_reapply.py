# SPDX-License-Identifier: Apache-2.0
import json
import os
import stat
import unittest

from baas.node.filelist import attributes
from baas.node.filelist import reapply
from baas.tests.unit.node import base
from baas.tests.unit.node import loopdisks

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


class PutBackTest(base.NodeTest):

    def test_where_there_are_no_subvolumes_a_folder_holds_the_same(self):
        for _ in range(2):
            reapply.make_subvolumes(self.folder, [
                {'path': '/srv/inner'}, {'path': '/srv'}])
            self.assertTrue(os.path.isdir(self.path('srv', 'inner')))

    @base.needs_root
    def test_attributes_are_those_of_the_list_and_no_others(self):
        path = self.write('file')
        for name, value in (('user.more', b'1'), ('user.kept', b'old')):
            os.setxattr(path, name, value)
        self.put_back({'p': 'file', 't': 'f', 's': 5, 'x': {
            'user.kept': b'new'.hex(), 'user.added': b'2'.hex()}})
        self.assertEqual(
            {'user.kept': b'new'.hex(), 'user.added': b'2'.hex()},
            attributes.attributes(path))

    def test_what_is_missing_is_left_to_the_comparison(self):
        self.put_back({'p': 'none', 't': 'd', 's': 0})
        self.assertFalse(os.path.exists(self.path('none')))

    def put_back(self, entry):
        more = {'m': 0o600, 'u': os.getuid(), 'g': os.getgid(), 'n': 10**18}
        reapply.after_content(os.fsencode(self.folder), self.write(
            'list', ''.join(json.dumps(one) + '\n' for one in (
                {'baas_files': 1}, {**more, **entry}))))


@unittest.skipIf(loopdisks.why_not(), loopdisks.why_not())
class InheritedFlagsTest(base.NodeTest):
    """A folder without copy-on-write, as that of the journal of systemd."""

    def restored(self, *entries):
        """Make what a list tells before its content comes, then the content;
        give the flags of each."""
        path = self.write('list', ''.join(
            json.dumps(entry) + '\n' for entry in (
                {'baas_files': 1}, *entries)))
        top = loopdisks.mount(self, 'disk')
        reapply.before_content(os.fsencode(top), path)
        found = {}
        for entry in entries:
            full = os.path.join(top, entry['p'])
            if entry['t'] == 'd':
                os.makedirs(full, exist_ok=True)
            else:
                with open(full, 'ab') as handle:
                    handle.write(bytes(9000))
            descriptor = attributes.open_quietly(full)
            found[entry['p']] = (attributes.get_flags(descriptor)
                                 & attributes.NOCOW)
            os.close(descriptor)
        return found

    def test_what_had_none_of_its_own_inherits_no_flag(self):
        flag = attributes.NOCOW
        self.assertEqual(
            {'journal': flag, 'journal/open': flag, 'journal/closed': 0,
             'journal/inner': 0, 'journal/inner/file': 0, 'apart': 0},
            self.restored(
                {'p': 'journal', 't': 'd', 'a': flag},
                {'p': 'journal/open', 't': 'f', 'a': flag},
                {'p': 'journal/closed', 't': 'f'},
                {'p': 'journal/inner', 't': 'd'},
                {'p': 'journal/inner/file', 't': 'f'},
                {'p': 'apart', 't': 'f'}))
