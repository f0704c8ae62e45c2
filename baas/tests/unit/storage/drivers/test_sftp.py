# SPDX-License-Identifier: Apache-2.0
import concurrent.futures
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from baas import errors
from baas.storage import base
from baas.storage.drivers import ssh
from baas.tests.unit.storage.drivers import contract
from baas.tests.unit.storage.drivers import sshd
from baas.tests.unit.storage import places

# A process of its own, for the log is set up once in each.
_SERVICE = """
import json
import sys

from baas.conf import opts
from baas.storage import base
from baas.storage.drivers import sftp
from baas.tests.unit.storage import places

folder, options = sys.argv[1:]
opts.load([], 'baas-test')
storage = sftp.SftpStorage(places.configuration(
    folder, storage_sftp=json.loads(options)))
try:
    storage.check()
except base.StorageError as error:
    print(error)
"""


def _greet(listener):
    with listener.accept()[0] as peer:
        peer.sendall(b'220 mail.example.org ESMTP\r\n' * 200)
        peer.recv(100)


@unittest.skipIf(sshd.missing(), sshd.missing())
class SftpStorageTest(contract.StorageContract, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-sshd-'))
        cls.addClassCleanup(shutil.rmtree, folder)
        cls.server = sshd.Server(folder)
        cls.addClassCleanup(cls.server.stop)
        cls.server.start()

    def make(self, root, cloud=None, **options):
        return places.sftp_storage(self.folder, root, self.server, cloud,
                                   **options)

    @staticmethod
    def writer(state, path, address, port, key, known_hosts):
        return places.sftp_storage(
            state, path, sshd.Login(address, int(port), key, known_hosts))

    def writer_arguments(self):
        return [self.server.address, str(self.server.port), self.server.key,
                self.server.known_hosts]

    def restart(self):
        self.server.stop()
        self.server.start()

    def test_the_url_names_user_host_and_port(self):
        options = self.server.options('/')
        quoted = str(self.root).replace(' ', '%20')
        start = f'sftp://{options["user"]}@127.0.0.1:{options["port"]}'
        self.assertEqual(f'{start}{quoted}/n1', self.storage.url('n1'))
        # restic takes what follows the first slash for relative.
        self.assertEqual(f'{start}/{quoted}/n1/restic',
                         self.storage.repository('n1'))

    def test_an_ipv6_address_is_bracketed(self):
        storage = self.make('/srv', host='fd00::1', user='baas', port=22)
        self.assertEqual('sftp://baas@[fd00::1]:22/srv/n1',
                         storage.url('n1'))

    def test_restic_is_led_to_the_two_credential_files(self):
        option, value = self.storage.restic_args('{run}')
        self.assertEqual('-o', option)
        self.assertIn('-i {run}/storage_key', value)
        self.assertIn('UserKnownHostsFile={run}/storage_known_hosts', value)
        self.assertIn('StrictHostKeyChecking=yes', value)
        self.assertEqual({'storage_key', 'storage_known_hosts'},
                         set(self.storage.credentials()))

    def test_an_option_that_is_not_set_is_named(self):
        for name in ('host', 'user', 'path', 'private_key', 'known_hosts'):
            with self.assertRaises(errors.ConfigurationError) as caught:
                self.make('/srv', **{name: None})
            self.assertIn(f'[storage_sftp] {name}', str(caught.exception))

    def test_a_path_that_begins_nowhere_is_refused(self):
        with self.assertRaisesRegex(ValueError, 'is no absolute path'):
            self.make('srv/backups')

    def test_a_server_is_asked_for_as_much_at_once_as_it_gives(self):
        self.assertEqual(255 << 10, self.asked_at_once(self.storage))

    def test_a_server_that_does_not_tell_its_limits_is_asked_for_less(self):
        plain = self.another(sftp='-P limits,statvfs')
        storage = places.sftp_storage(self.folder, self.root, plain)
        self.addCleanup(storage.close)
        self.assertEqual(32 << 10, self.asked_at_once(storage))
        self.assertIsNone(storage.free())

    def asked_at_once(self, storage):
        content = os.urandom((3 << 20) + 1)
        storage.write('node/a', content)
        with storage.open('node/a') as file:
            self.assertEqual(content, file.read())
            return file._file.MAX_REQUEST_SIZE

    def test_a_cipher_that_processors_compute_themselves_is_liked_best(self):
        transport = ssh.connect(self.storage._options, '').get_transport()
        self.addCleanup(transport.close)
        self.assertIn('gcm', transport.remote_cipher)

    def test_threads_share_a_connection_as_far_as_the_server_lets_them(self):
        self.storage.write('node/a', b'1')
        for sessions, connections in ((10, 1), (2, 2), (1, 4)):
            with self.subTest(sessions=sessions):
                storage = places.sftp_storage(
                    self.folder, self.root, self.another(sessions=sessions))
                self.addCleanup(storage.close)
                together = threading.Barrier(4)

                def read(storage=storage, together=together):
                    with storage.open('node/a') as file:
                        together.wait(120)
                        return file.read()

                with concurrent.futures.ThreadPoolExecutor(4) as pool:
                    reading = [pool.submit(read) for _ in range(4)]
                self.assertEqual([b'1'] * 4, [one.result() for one in reading])
                self.assertEqual(connections, len(storage._clients))

    def another(self, **options):
        """Start a server of its own."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-sshd-'))
        self.addCleanup(shutil.rmtree, folder)
        server = sshd.Server(folder, **options)
        self.addCleanup(server.stop)
        server.start()
        return server

    def test_a_crowded_server_is_asked_again(self):
        with self.crowd() as others:
            timer = threading.Timer(2, others.close)
            timer.start()
            self.addCleanup(timer.join)
            self.storage.check()
        self.assertFalse(timer.is_alive(), 'the server was not crowded')

    def test_a_server_that_stays_crowded_is_told(self):
        with self.crowd():
            error = self.refused('hangs up', self.storage.check)
        self.assertIn('MaxStartups', error.hint)

    def test_a_host_that_speaks_something_else_is_told_in_a_sentence(self):
        listener = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(listener.close)
        threading.Thread(target=_greet, args=(listener,), daemon=True).start()
        options = self.server.options(self.root)
        options['port'] = listener.getsockname()[1]
        options['known_hosts'] = str(self.folder / 'known_hosts')
        pathlib.Path(options['known_hosts']).write_text(
            pathlib.Path(self.server.known_hosts).read_text().replace(
                f']:{self.server.port} ', f']:{options["port"]} '))
        service = subprocess.run(
            [sys.executable, '-c', _SERVICE, str(self.folder),
             json.dumps(options)], text=True, capture_output=True,
            env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)})
        # The log goes there, too.
        self.assertRegex(service.stdout,
                         r'\AStorage \S+: .+ cannot be reached: .+\n\Z')
        self.assertEqual('', service.stderr)

    def crowd(self):
        """Take the only place of a server for those who have shown no key."""
        server = self.another(startups='1')
        self.storage = places.sftp_storage(self.folder, self.root, server)
        self.addCleanup(self.storage.close)
        # The look whether it has started may still count.
        for _ in range(50):
            other = socket.create_connection((server.address, server.port))
            self.addCleanup(other.close)
            if other.recv(100).startswith(b'SSH-'):
                return other
            time.sleep(0.1)
        raise AssertionError('nobody is let in')

    def test_another_host_key_is_refused(self):
        other = self.server.make_key(f'other-{os.urandom(4).hex()}')
        self.server.pin(other.with_suffix('.pub'))
        self.addCleanup(self.server.pin,
                        self.server.folder / 'host_key.pub')
        self.refused('another host key', self.make(self.root).check)

    def test_a_host_without_a_pinned_key_is_refused(self):
        empty = self.folder / 'known_hosts'
        empty.write_text('')
        storage = self.make(self.root, known_hosts=str(empty))
        error = self.refused('No host key is pinned', storage.check)
        self.assertIn('ssh-keyscan', error.hint)
        storage = self.make(self.root, known_hosts='/nowhere')
        self.refused('/nowhere', storage.check)

    def test_a_key_that_is_not_let_in_is_told(self):
        key = self.server.make_key(f'stranger-{os.urandom(4).hex()}')
        storage = self.make(self.root, private_key=str(key))
        self.refused('does not let user', storage.check)

    def test_a_key_that_cannot_be_used_is_told(self):
        sealed = self.server.make_key(f'sealed-{os.urandom(4).hex()}')
        self.server_passphrase(sealed)
        open_to_all = self.folder / 'open'
        shutil.copy(self.server.key, open_to_all)
        open_to_all.chmod(0o644)
        garbage = self.folder / 'garbage'
        garbage.write_text('no key')
        garbage.chmod(0o600)
        for path, words in ((sealed, 'passphrase'), (garbage, 'no private'),
                            (open_to_all, 'other users'),
                            (self.folder / 'no', 'No such file')):
            with self.subTest(path=path):
                storage = self.make(self.root, private_key=str(path))
                self.refused(words, storage.check)

    def server_passphrase(self, key):
        subprocess.run(['ssh-keygen', '-q', '-p', '-P', '', '-N', 'secret',
                        '-f', key], check=True, stdout=subprocess.DEVNULL)

    def test_a_host_that_is_down_is_told(self):
        self.server.stop()
        self.addCleanup(self.restart)
        self.refused('cannot be reached', self.make(self.root).check)

    def test_a_host_that_dies_in_the_middle_is_told(self):
        self.storage.write('node/a', bytes(40 << 20))
        self.addCleanup(self.restart)
        # A thread of paramiko's that dies would print its last words.
        self.addCleanup(setattr, threading, 'excepthook',
                        threading.excepthook)
        threading.excepthook = lambda _: None
        with self.storage.open('node/a') as file:
            self.assertEqual(1000, len(file.read(1000)))
            self.server.stop()
            with self.assertRaises(base.StorageError) as caught:
                while file.read(1 << 20):
                    pass
            self.assertIn('connection was lost', str(caught.exception))
        self.refused('reached', self.storage.write, 'node/b', b'')

    def test_a_host_that_comes_back_is_used_again(self):
        self.storage.write('node/a', b'1')
        self.restart()
        self.assertEqual(b'1', self.content('node/a'))
