# SPDX-License-Identifier: Apache-2.0
import hashlib
import os

from baas.node.filelist import attributes
from baas.tests.unit.node import base


class HashTest(base.NodeTest):

    def check(self, pieces, size):
        path = self.path('file')
        with open(path, 'wb') as handle:
            for place, data in pieces:
                handle.seek(place)
                handle.write(data)
            handle.truncate(size)
        with open(path, 'rb') as handle:
            wanted = hashlib.sha256(handle.read()).hexdigest()
        found = os.lstat(path)
        descriptor = attributes.open_quietly(path)
        try:
            self.assertEqual(wanted, attributes.sha256(
                descriptor, found.st_size, attributes.is_sparse(found)))
        finally:
            os.close(descriptor)
        return found

    def test_a_plain_file_hashes_as_its_bytes(self):
        self.check([(0, os.urandom(3000001))], 3000001)

    def test_an_empty_file_hashes_as_nothing(self):
        self.check([], 0)

    def test_holes_hash_as_zeros(self):
        size = 40 << 20
        for pieces in ([], [(0, b'head')], [(size - 4, b'tail')],
                       [(5 << 20, b'x' * 70000), (30 << 20, b'y' * 5)]):
            with self.subTest(pieces=len(pieces)):
                self.assertTrue(attributes.is_sparse(self.check(pieces, size)))

    def test_a_huge_hole_takes_no_memory_and_no_reading(self):
        path = self.path('huge')
        with open(path, 'wb') as handle:
            handle.truncate(1 << 30)
        descriptor = attributes.open_quietly(path)
        try:
            digest = attributes.sha256(descriptor, 1 << 30, True)
        finally:
            os.close(descriptor)
        self.assertEqual('49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf1'
                         '60d4dc19fe68a14', digest)


class AttributeTest(base.NodeTest):

    @base.needs_root
    def test_flags_are_set_and_read_back(self):
        path = self.write('file')
        for flags in (0x40, attributes.IMMUTABLE, attributes.APPEND, 0):
            attributes.set_flags(path, flags)
            descriptor = attributes.open_quietly(path)
            try:
                self.assertEqual(flags, attributes.get_flags(descriptor))
            finally:
                os.close(descriptor)

    @base.needs_root
    def test_attributes_are_read_as_bytes(self):
        path = self.write('file')
        os.setxattr(path, 'user.binary', b'\x00\xff')
        os.setxattr(path, 'user.empty', b'')
        self.assertEqual({'user.binary': '00ff', 'user.empty': ''},
                         attributes.attributes(path))

    def test_what_has_no_flags_has_none(self):
        descriptor = attributes.open_quietly('/proc/self/status')
        self.addCleanup(os.close, descriptor)
        self.assertEqual(0, attributes.get_flags(descriptor))

    def test_what_cannot_be_read_is_not_taken_for_empty(self):
        readable, writable = os.pipe()
        os.close(writable)
        with self.assertRaises(OSError):
            attributes.sha256(readable, 1, True)
        os.close(readable)
        with self.assertRaises(OSError):
            attributes.get_flags(readable)
        with self.assertRaises(FileNotFoundError):
            attributes.attributes(self.path('none'))

    @base.needs_root
    def test_who_is_not_its_owner_reads_it_all_the_same(self):
        self.addCleanup(os.seteuid, 0)
        os.seteuid(65534)
        os.close(attributes.open_quietly('/etc/passwd'))

    def test_reading_leaves_no_trace(self):
        path = self.write('file')
        os.utime(path, ns=(5, 5))
        os.close(attributes.open_quietly(path))
        self.assertEqual(5, os.lstat(path).st_atime_ns)
