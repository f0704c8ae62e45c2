# SPDX-License-Identifier: Apache-2.0
"""Each kind of store to which a node writes by itself, for real."""
import os
import pathlib
import shutil
import tempfile
import threading
import unittest

from baas.node import errors
from baas.node import stores
from baas.storage.drivers import ssh
from baas.tests.unit.node import base
from baas.tests.unit.node import loopdisks
from baas.tests.unit.node.payloads import contract
from baas.tests.unit.node.payloads import test_tar
from baas.tests.unit import nolinks
from baas.tests.unit.storage.drivers import sshd

NAME = 'n1/tar/b1/archive'


class StoreContract:
    """The contract of :class:`baas.node.stores.base.Store`; the class gives
    ``told``, the option ``store``."""

    def setUp(self):
        super().setUp()
        os.mkdir(self.path('storage'))
        self.store = stores.of(self.asked('capture', store=self.told()))
        self.addCleanup(lambda: self.store.close())

    def put(self, name, data):
        with self.store.write(name, '.part') as sink:
            for place in range(0, len(data), 70_000):
                sink.write(data[place:place + 70_000])
            sink.publish()

    def content(self, name):
        with self.store.open(name) as source:
            return b''.join(iter(lambda: source.read(50_000), b''))

    def there(self):
        return os.listdir(self.path('storage/n1/tar/b1'))

    def refused(self, words, call, *args):
        with self.assertRaises(errors.NodeError) as caught:
            call(*args)
        self.assertRegex(caught.exception.cause, words)
        self.assertTrue(caught.exception.hint)

    def test_what_is_written_is_read_back(self):
        for size in (0, 1, 32768, 5_000_001):
            data = os.urandom(size)
            self.put(NAME + str(size), data)
            self.assertEqual(data, self.content(NAME + str(size)))

    def test_it_has_its_name_only_when_it_is_whole(self):
        with self.store.write(NAME, '.part') as sink:
            sink.write(b'half')
            self.assertEqual(['.part'], self.there())
            sink.publish()
        self.assertEqual(['archive'], self.there())

    def test_what_is_not_published_is_removed(self):
        with self.assertRaises(ValueError):
            with self.store.write(NAME, '.part') as sink:
                sink.write(bytes(3_000_000))
                raise ValueError
        self.assertEqual([], self.there())

    def test_nothing_is_overwritten(self):
        self.put(NAME, b'first')
        self.refused('stored already', self.store.write, NAME, '.part')
        self.assertEqual(b'first', self.content(NAME))

    def test_who_comes_second_does_not_overwrite_either(self):
        with self.store.write(NAME, '.mine') as sink:
            sink.write(b'second')
            with stores.of(self.asked('capture',
                                      store=self.told())) as other:
                with other.write(NAME, '.other') as first:
                    first.write(b'first')
                    first.publish()
            self.refused('stored already', sink.publish)
        self.assertEqual(b'first', self.content(NAME))
        self.assertEqual(['archive'], self.there())

    def test_what_an_earlier_try_has_left_is_replaced(self):
        os.makedirs(self.path('storage/n1/tar/b1'))
        self.write('storage/n1/tar/b1/.part', 'longer than the new one')
        self.put(NAME, b'new')
        self.assertEqual((b'new', ['archive']),
                         (self.content(NAME), self.there()))

    def test_what_an_earlier_try_has_left_leads_to_no_other_object(self):
        self.put(NAME, b'whole')
        # Who publishes by a link and dies leaves both names.
        os.link(self.path('storage', NAME),
                self.path('storage/n1/tar/b1/.part'))
        self.put('n1/tar/b1/list', b'new')
        self.assertEqual((b'whole', b'new'), (
            self.content(NAME), self.content('n1/tar/b1/list')))

    def test_of_two_writers_at_once_one_wins(self):
        barrier, won, lost = threading.Barrier(4), [], []

        def write(number):
            data = b'%d' % number * 70_000
            with stores.of(self.asked('capture',
                                      store=self.told())) as store, \
                    store.write(NAME, '.part%d' % number) as sink:
                sink.write(data)
                barrier.wait()
                try:
                    sink.publish()
                    won.append(data)
                except errors.NodeError as error:
                    lost.append(error.cause)

        threads = [threading.Thread(target=write, args=(number,))
                   for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([self.content(NAME)], won)
        self.assertEqual(3, len(lost))
        for cause in lost:
            self.assertIn(NAME, cause)
        self.assertEqual(['archive'], self.there())

    def test_what_is_not_there_is_told_and_can_be_removed(self):
        self.refused('No such file', self.store.open, NAME)
        self.store.remove(NAME)
        self.put(NAME, b'1')
        self.store.remove(NAME)
        self.assertEqual([], self.there())

    def test_a_storage_that_is_not_there_is_told_and_never_made(self):
        os.rmdir(self.path('storage'))
        self.refused('does not exist|No such file', stores.of,
                     self.asked('capture', store=self.told()))
        self.assertFalse(os.path.exists(self.path('storage')))

    def test_only_root_can_read_what_is_stored(self):
        self.put(NAME, b'1')
        for name, mode in ((NAME, 0o600), ('n1', 0o700)):
            found = os.stat(self.path('storage', name))
            self.assertEqual(mode, found.st_mode & 0o777)

    @unittest.skipIf(loopdisks.why_not(), loopdisks.why_not())
    def test_a_full_storage_is_told_and_left_as_it_was(self):
        loopdisks.mount(self, 'storage', 'ext4', 8 << 20)
        self.refused('No space|refuses', self.put, NAME, os.urandom(20 << 20))
        self.assertEqual([], self.there())


class FolderTest(StoreContract, base.NodeTest):

    def told(self):
        return {'kind': 'folder', 'path': self.path('storage')}


class FolderWithoutLinksTest(nolinks.WithoutLinks, FolderTest):
    """A share of a kind that has no hard links."""

    def setUp(self):
        super().setUp()
        with self.assertRaises(PermissionError):
            os.link(self.path('storage'), self.path('linked'))

    # It needs a link to begin with.
    test_what_an_earlier_try_has_left_leads_to_no_other_object = None


class FolderThatOverwritesTest(base.NodeTest):

    def test_where_nothing_keeps_what_is_there_nothing_is_stored(self):
        os.mkdir(self.path('storage'))
        store = stores.of(self.asked('capture', store={
            'kind': 'folder', 'path': self.path('storage')}))
        with self.assertRaises(errors.NodeError) as caught, \
                store.write('n1/a', '.part') as sink:
            sink.write(b'1')
            nolinks.answering(nolinks.NEITHER, sink.publish)
        self.assertIn('n1/a cannot be stored', caught.exception.cause)
        self.assertIn('neither hard links nor', caught.exception.cause)
        self.assertIn('has hard links', caught.exception.hint)
        self.assertEqual([], os.listdir(self.path('storage/n1')))


class SftpServer:
    """Gives tests a host with SFTP, for the class.

    :cvar options: of its SFTP server.
    """

    options = ''

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-sshd-'))
        cls.addClassCleanup(shutil.rmtree, folder)
        cls.server = sshd.Server(folder, cls.options)
        cls.addClassCleanup(cls.server.stop)
        cls.server.start()
        shutil.copy(cls.server.key, folder / ssh.KEY)
        shutil.copy(cls.server.known_hosts, folder / ssh.KNOWN_HOSTS)

    def told_store(self):
        told = self.server.options(self.path('storage'))
        return {'kind': 'sftp', 'ssh': ssh.words(self.server.folder),
                **{name: told[name]
                   for name in ('host', 'port', 'user', 'path')}}


@unittest.skipIf(sshd.missing(), sshd.missing())
class SftpTest(SftpServer, StoreContract, base.NodeTest):

    def told(self):
        return self.told_store()

    def test_a_host_that_dies_in_the_middle_is_told(self):
        self.put(NAME, bytes(20 << 20))
        with self.store.open(NAME) as source:
            source.read(1000)
            self.server.stop()
            self.addCleanup(self.server.start)
            with self.assertRaisesRegex(errors.NodeError, 'is lost'):
                while source.read(1 << 20):
                    pass
        self.refused('is lost: .*refused', stores.of,
                     self.asked('capture', store=self.told()))

    def test_a_host_that_dies_while_it_is_written_to_is_told(self):
        self.addCleanup(self.server.start)
        with self.assertRaisesRegex(errors.NodeError, 'is lost'), \
                self.store.write(NAME, '.part') as sink:
            self.server.stop()
            while True:
                sink.write(bytes(1 << 20))

    def test_what_the_host_refuses_is_named(self):
        self.write('storage/n1', 'in the place of a folder')
        self.refused('refuses n1/tar', self.store.write, NAME, '.part')
        self.refused('refuses nnn', self.store.exists, 'n' * 300)
        os.mkdir(self.path('storage', 'folder'))
        with self.store.open('folder') as source:
            self.refused('refuses folder', source.read, 1)

    def test_another_host_key_is_refused(self):
        other = self.server.make_key('other')
        (self.server.folder / ssh.KNOWN_HOSTS).write_text(
            f'[127.0.0.1]:{self.server.port} '
            + other.with_suffix('.pub').read_text())
        self.addCleanup(shutil.copy, self.server.known_hosts,
                        self.server.folder / ssh.KNOWN_HOSTS)
        self.refused('verification failed', stores.of,
                     self.asked('capture', store=self.told()))


@unittest.skipIf(sshd.missing(), sshd.missing())
class SftpWithoutSyncTest(SftpServer, base.NodeTest):

    options = '-P fsync'

    def test_what_may_not_be_written_to_the_disk_is_not_published(self):
        os.mkdir(self.path('storage'))
        with stores.of(self.asked('capture',
                                  store=self.told_store())) as store:
            with self.assertRaisesRegex(errors.NodeError, 'refuses n1/a'), \
                    store.write('n1/a', '.part') as sink:
                sink.write(b'1')
                sink.publish()
            self.assertFalse(store.exists('n1/a'))
        self.assertEqual([], os.listdir(self.path('storage', 'n1')))


@unittest.skipUnless(test_tar.CAN and not sshd.missing(),
                     test_tar.WHY_NOT or sshd.missing())
class TarOverSftpTest(SftpServer, test_tar.TarPayload, contract.RoundTrip,
                      base.NodeTest):

    def store(self):
        return self.told_store()
