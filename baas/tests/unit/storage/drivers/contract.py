# SPDX-License-Identifier: Apache-2.0
"""What every kind of storage must do; a mixin for one test class a driver.

The class gives ``make(path, cloud)``, which makes a storage of the local
folder ``path`` (for a remote kind: as its server sees it), and
``kill_writer``."""
import hashlib
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from baas.node import stores
from baas.storage import base
from baas.storage import readback
from baas.tests.unit.storage.drivers import clouds
from baas.tests.unit.storage import places

_WRITER = """
import sys
from {module} import {name} as test
storage = test.writer(*sys.argv[1:])
for number in range(10000):
    storage.write(f'node/x/{{number}}', bytes(16 << 20))
"""


class StorageContract(clouds.CloudsContract):
    """The contract of :class:`baas.storage.base.Storage`."""

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-storage-'))
        self.addCleanup(shutil.rmtree, self.folder)
        self.root = self.folder / 'a root'
        self.root.mkdir()
        self.storage = self.make(self.root)
        self.addCleanup(lambda: self.storage.close())

    def content(self, name):
        with self.storage.open(name) as file:
            return file.read()

    def listed(self, prefix=''):
        return {entry.name: entry.size for entry in self.storage.list(prefix)}

    def refused(self, words, call, *args, kind=base.StorageError):
        """Demand an error that names the storage and gives a hint."""
        with self.assertRaises(kind) as caught:
            call(*args)
        error = caught.exception
        self.assertIn(self.storage.location, error.cause)
        self.assertRegex(error.cause, words)
        self.assertTrue(error.hint.endswith('.'))
        return error

    def test_what_is_written_is_read_back(self):
        data = secrets.token_bytes(3_000_001)
        self.storage.write('node/manifests/a.json', data)
        self.assertEqual(data, self.content('node/manifests/a.json'))

    def test_nothing_can_be_an_object(self):
        self.storage.write('node/empty', b'')
        self.assertEqual(b'', self.content('node/empty'))

    def test_an_object_can_be_read_in_pieces_and_left_unread(self):
        self.storage.write('node/a', bytes(range(256)) * 4000)
        with self.storage.open('node/a') as file:
            self.assertEqual(bytes(range(256)), file.read(256))

    def test_an_object_is_never_overwritten(self):
        self.storage.write('node/a', b'first')
        self.refused('stored already', self.storage.write, 'node/a',
                     b'second', kind=base.Exists)
        self.assertEqual(b'first', self.content('node/a'))
        self.assertEqual(['a'], os.listdir(self.root / 'node'))

    def test_of_two_writers_at_once_one_wins(self):
        barrier, won, lost = threading.Barrier(6), [], []

        def write(number):
            data = b'%d' % number * 70_000
            barrier.wait()
            try:
                self.storage.write('node/a', data)
                won.append(data)
            except base.Exists as error:
                lost.append(error.cause)

        threads = [threading.Thread(target=write, args=(number,))
                   for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([self.content('node/a')], won)
        self.assertEqual(5, len(lost))
        for cause in lost:
            self.assertIn('node/a', cause)
        self.assertEqual(['a'], os.listdir(self.root / 'node'))

    def test_what_is_not_there_is_missing(self):
        self.refused('does not exist', self.storage.open, 'node/no',
                     kind=base.Missing)

    def test_delete_deletes_and_again_is_no_error(self):
        self.storage.write('node/a', b'1')
        self.storage.delete('node/a')
        self.storage.delete('node/a')
        self.assertEqual({}, self.listed())

    def test_drop_deletes_a_folder_with_what_was_being_written(self):
        for name in ('n1/tar/a/x', 'n1/tar/a/deep/er', 'n1/tar/b/x'):
            self.storage.write(name, b'1')
        (self.root / 'n1/tar/a/.x.job').write_text('half')
        (self.root / 'n1/tar/a/out').symlink_to(self.root / 'n1/tar/b')
        self.storage.drop('n1/tar/a')
        self.storage.drop('n1/tar/a')
        self.assertEqual(['b'], os.listdir(self.root / 'n1/tar'))
        self.assertEqual(b'1', self.content('n1/tar/b/x'))

    def test_list_shows_what_is_below_a_folder(self):
        for name in ('n1/x/a', 'n1/x/y/b', 'n1/z', 'n2/x/a'):
            self.storage.write(name, name.encode())
        self.assertEqual({'n1/x/a': 6, 'n1/x/y/b': 8},
                         self.listed('n1/x'))
        self.assertEqual(4, len(self.listed()))
        self.assertEqual({}, self.listed('n3'))

    def test_nodes_are_the_folders_of_the_root(self):
        self.storage.write('n2/a', b'')
        self.storage.write('n1/a', b'')
        (self.root / 'file').write_text('')
        (self.root / '.snapshot').mkdir()
        self.assertEqual(['n1', 'n2'], self.storage.nodes())

    def test_names_cannot_lead_out(self):
        for name in ('../a', 'a/../b', '/etc/passwd', '', 'a//b', '.a',
                     'a/.b', 'a\nb', 'a\0b'):
            with self.subTest(name=name):
                for call in (self.storage.open, self.storage.delete,
                             self.storage.drop, self.storage.repository,
                             self.storage.url):
                    self.refused('called', call, name, kind=base.InvalidName)
                self.refused('called', self.storage.write, name, b'',
                             kind=base.InvalidName)

    def test_check_leaves_nothing_behind(self):
        self.storage.check()
        self.assertEqual([], os.listdir(self.root))

    def test_free_space_is_that_of_the_folder(self):
        found = os.statvfs(self.root)
        self.assertAlmostEqual(found.f_bavail * found.f_frsize,
                               self.storage.free(), delta=1 << 30)

    def test_the_node_is_told_where_the_storage_is(self):
        facts = self.storage.node_facts()
        self.assertEqual({'kind', 'path', 'host'}, set(facts))
        self.assertEqual(str(self.root), facts['path'])

    def test_nodes_know_how_to_write_to_it(self):
        self.assertIn(self.storage.store()['kind'], stores.KINDS)

    def test_urls_and_arguments_have_no_secret(self):
        said = ' '.join([self.storage.url('n1'), self.storage.location,
                         self.storage.repository('n1'),
                         *self.storage.restic_args('{run}'),
                         str(self.storage.store()),
                         str(self.storage.share())])
        self.assertNotIn('PRIVATE', said)
        for path in self.storage.credentials().values():
            self.assertNotIn(path, said)

    def test_a_missing_root_is_told_and_never_made(self):
        self.storage = self.make(self.folder / 'absent')
        for call in (lambda: self.storage.check(),
                     lambda: self.storage.write('n/a', b''),
                     lambda: self.storage.open('n/a'),
                     lambda: self.storage.delete('n/a'),
                     lambda: self.storage.drop('n'),
                     lambda: list(self.storage.list('n')),
                     lambda: self.storage.nodes()):
            error = self.refused('does not exist', call)
            self.assertNotIsInstance(error, base.Missing)
        self.assertFalse((self.folder / 'absent').exists())

    def test_a_full_storage_is_told_and_left_as_it_was(self):
        with places.small(self.root):
            self.storage = self.make(self.root)
            self.refused('full', self.storage.write, 'node/a',
                         bytes(4 << 20))
            self.assertEqual([], os.listdir(self.root / 'node'))
            self.storage.write('node/b', bytes(1000))
            self.storage.close()

    def test_a_folder_that_cannot_be_written_is_told(self):
        self.storage.write('node/a', b'1')
        with places.read_only(self.root):
            self.storage = self.make(self.root)
            self.refused('cannot be (used|written)|failed',
                         self.storage.check)
            self.refused('cannot be (used|written)|failed',
                         self.storage.write, 'node/b', b'')
            self.assertEqual(b'1', self.content('node/a'))
            self.storage.close()

    def test_a_flipped_bit_is_found_and_named(self):
        name = self.stored_pack(secrets.token_bytes(100_000))
        path = self.root / name
        data = bytearray(path.read_bytes())
        data[70_000] ^= 1
        path.write_bytes(data)
        self.assertEqual([name], self.faults())

    def test_a_truncated_object_is_found_and_named(self):
        name = self.stored_pack(secrets.token_bytes(100_000))
        os.truncate(self.root / name, 99_999)
        self.assertEqual([name], self.faults())

    def test_whole_objects_have_no_fault(self):
        for _ in range(20):
            self.stored_pack(secrets.token_bytes(50_000))
        self.assertEqual([], self.faults())

    def stored_pack(self, data):
        digest = hashlib.sha256(data).hexdigest()
        name = f'node/restic/data/{digest[:2]}/{digest}'
        self.storage.write(name, data)
        return name

    def faults(self):
        names = readback.inventory(self.storage, 'node')
        return [fault.name
                for fault in readback.read(self.storage, names)]

    def test_a_killed_writer_leaves_nothing_that_is_listed(self):
        for _ in range(10):
            self.kill_a_writer()
            if any(self.root.glob('node/x/.*')):
                break
        else:
            self.fail('no writer was killed in the middle of a write')
        for name, size in self.listed('node').items():
            self.assertEqual(16 << 20, size, name)
            self.assertNotIn('/.', name)

    def kill_a_writer(self):
        cls = type(self)
        code = _WRITER.format(module=cls.__module__, name=cls.__name__)
        shutil.rmtree(self.root / 'node', ignore_errors=True)
        process = subprocess.Popen(
            [sys.executable, '-c', code, self.folder, self.root,
             *self.writer_arguments()])
        try:
            # An emulated machine is slow to start one.
            until = time.monotonic() + 180
            while time.monotonic() < until and process.poll() is None:
                hidden = [path for path in self.root.glob('node/x/.*')]
                if hidden:
                    break
                time.sleep(0.001)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
