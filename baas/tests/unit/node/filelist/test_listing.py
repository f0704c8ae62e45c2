# SPDX-License-Identifier: Apache-2.0
import hashlib
import json
import os
import socket
import time

from baas.node import errors
from baas.node.filelist import listing
from baas.node.filelist import walk
from baas.tests.unit.node import base


class FileListTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        os.mkdir(self.path('tree'))
        self.top = os.fsencode(self.path('tree'))
        self.list = self.path('files.jsonl')

    def make(self, timestamp=None):
        writer = listing.Writer(
            self.list, self.path('memory'), 'backup-id', 'node-0',
            time.time() + 60 if timestamp is None else timestamp)
        for path, found in walk.walk(self.top):
            writer.add(self.top, path, found)
        return writer, writer.close()

    def entries(self):
        return {entry['p']: entry for entry in listing.read(self.list)}

    def test_each_kind_of_file_is_described(self):
        self.write('tree/file', 'hello')
        os.mkdir(self.path('tree', 'folder'))
        os.symlink('/no\nwhere', self.path('tree', 'link'))
        os.mkfifo(self.path('tree', 'fifo'), 0o640)
        server = socket.socket(socket.AF_UNIX)
        server.bind(self.path('tree', 'socket'))
        server.close()
        self.make()
        found = self.entries()
        self.assertEqual('dfdlps', ''.join(
            found[name]['t'] for name in ('', 'file', 'folder', 'link',
                                          'fifo', 'socket')))
        self.assertEqual(hashlib.sha256(b'hello').hexdigest(),
                         found['file']['h'])
        self.assertEqual(5, found['file']['s'])
        self.assertEqual('/no\nwhere', found['link']['l'])
        self.assertNotIn('h', found['folder'])

    def test_names_of_any_bytes_survive(self):
        names = [b'new\nline', b'not\xff\xfeutf8', 'käse'.encode(), b'"\\']
        for name in names:
            with open(os.path.join(self.top, name), 'wb'):
                pass
        self.make()
        found = {entry['p'].encode('utf-8', 'surrogateescape')
                 for entry in listing.read(self.list)}
        self.assertEqual(set(names) | {b''}, found)

    def test_hard_links_share_an_inode_and_others_have_none(self):
        self.write('tree/one')
        os.link(self.path('tree', 'one'), self.path('tree', 'two'))
        self.write('tree/alone')
        self.make()
        found = self.entries()
        self.assertEqual(found['one']['i'], found['two']['i'])
        self.assertNotIn('i', found['alone'])

    def test_the_first_line_names_backup_and_node(self):
        self.make()
        with open(self.list) as handle:
            first = json.loads(handle.readline())
        self.assertEqual({'baas_files': 1, 'backup': 'backup-id',
                          'node': 'node-0'}, first)

    def test_the_checksum_is_that_of_the_file(self):
        self.write('tree/file')
        _, digest = self.make()
        with open(self.list, 'rb') as handle:
            self.assertEqual(hashlib.sha256(handle.read()).hexdigest(),
                             digest)

    def test_what_has_not_changed_is_not_read_again(self):
        self.write('tree/a', 'first')
        self.write('tree/b', 'other')
        first, digest = self.make()
        self.assertEqual(10, first.read)
        again, same = self.make()
        self.assertEqual((0, digest), (again.read, same))
        self.write('tree/b', 'OTHER')
        changed, differs = self.make()
        self.assertEqual(5, changed.read)
        self.assertNotEqual(digest, differs)

    def test_what_changed_just_before_the_snapshot_is_not_remembered(self):
        self.write('tree/a', 'first')
        self.make(time.time())
        again, _ = self.make()
        self.assertEqual(5, again.read)

    def test_a_torn_memory_is_no_harm(self):
        for name in 'abc':
            self.write('tree/' + name, name)
        _, digest = self.make()
        with open(self.path('memory')) as handle:
            text = handle.read()
        for torn in (text[:len(text) // 2], text + '["z", 1, 2'):
            self.write('memory', torn)
            self.assertEqual(digest, self.make()[1])

    def test_a_list_of_another_kind_is_refused(self):
        for text in ('{"baas_files": 2}\n', '', 'rubbish\n', '[]\n'):
            self.write('files.jsonl', text)
            with self.assertRaises(errors.NodeError):
                list(listing.read(self.list))
