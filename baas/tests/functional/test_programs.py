# SPDX-License-Identifier: Apache-2.0
"""The programs of the API as an operator starts them."""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import types
import unittest
import urllib.error
import urllib.request

import fixtures

from baas.boot.images import full_iso
from baas.db import migration
from baas import keys
from baas.tests.functional import forked
from baas.tests import ports

MINUTE = 60
ID = '11111111-2222-3333-4444-555555555555'
MANAGE = [sys.executable, '-m', 'baas.cmd.manage']
_BACKUP = """
import sys

from oslo_config import cfg

from baas.conf import opts
from baas.db import session
from baas import keys
from baas.storage.drivers import file
from baas.storage import manifest
from baas.tests import fixtures

config, id, share = sys.argv[1:]
opts.load(['--config-file', config], 'baas-test')
session.configure(cfg.CONF)
key = keys.create(cfg.CONF.payload.key_file)
fixtures.add_backup(id=id, payload='tar')
cfg.CONF.set_override('path', share, 'storage_file')
part = {'name': 'controller-0/archive', 'size': 1, 'sha256': ''}
manifest.write(file.FileStorage(cfg.CONF, key.cloud), key, {
    'format': manifest.FORMAT, 'node': 'controller-0', 'backup': id,
    'payload': {'kind': 'tar', 'archive': part, 'list': part},
    'rescue': {'kernel': {'size': 1}, 'initrd': {'size': 1}}})
"""

_SLEEPER = """
import sys
import time

from baas.api import app
from baas.cmd import api


def build(conf):
    real = whole(conf)

    def answer(environ, start_response):
        if environ['PATH_INFO'] == '/slow':
            print('at work', flush=True)
            time.sleep(2)
            environ['PATH_INFO'] = '/v1'
        return real(environ, start_response)
    return answer


whole, app.build = app.build, build
sys.exit(api.main(sys.argv[1:]))
"""


class ProgramTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.port = ports.free()
        self.config = self.folder / 'baas.conf'
        self.config.write_text(
            f'[DEFAULT]\nstate_path = {self.folder}\n'
            f'[api]\nauth_strategy = noauth\nbind_port = {self.port}\n')

    def manage(self, *arguments):
        return forked.run('manage', '--config-file', str(self.config),
                          *arguments)

    def test_manage_brings_the_schema_up_and_shows_its_version(self):
        self.assertIn('db sync', self.manage('db', 'version').stdout)
        done = self.manage('db', 'sync')
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(f'{migration.newest()}\n',
                         self.manage('db', 'version').stdout)

    def test_manage_makes_a_key_once_and_tells_to_keep_a_copy(self):
        (self.folder / 'storage').mkdir()
        self.config.write_text(
            self.config.read_text()
            + f'[storage_file]\npath = {self.folder}/storage\n')
        made = self.manage('key', 'create')
        self.assertEqual(0, made.returncode, made.stderr)
        self.assertIn('keep one away from this machine', made.stderr)
        path = self.folder / 'key'
        self.assertEqual(
            f'{path}: {keys.load(path).fingerprint}, of cloud '
            f'{keys.load(path).cloud}\n', made.stdout)
        self.assertEqual(0o600, path.stat().st_mode & 0o7777)
        text = path.read_text()
        again = self.manage('key', 'create')
        self.assertEqual((1, ''), (again.returncode, again.stdout))
        self.assertIn(f'There is a key file {path} already', again.stderr)
        self.assertEqual(text, path.read_text())

    def test_manage_without_a_command_says_what_there_is(self):
        done = self.manage('db')
        self.assertEqual(2, done.returncode)
        self.assertIn('sync', done.stderr)

    def test_manage_says_in_one_sentence_what_is_wrong_with_a_backup(self):
        self.manage('db', 'sync')
        for words in (('key', ID), ('iso', ID, '/nowhere/at.iso')):
            done = self.manage('backup', *words)
            self.assertEqual((1, ''), (done.returncode, done.stdout))
            error, hint = done.stderr.splitlines()[-2:]
            self.assertRegex(error, f'^error: .*{ID}')
            self.assertRegex(hint, '^  hint: ')

    def test_manage_shows_the_key_that_opens_a_backup(self):
        self.share()
        done = self.manage('backup', 'key', ID)
        self.assertEqual(0, done.returncode, done.stderr)
        key = keys.load(self.folder / 'key')
        self.assertEqual(full_iso.key(key, types.SimpleNamespace(
            node='controller-0', payload='tar')) + '\n', done.stdout)

    def test_manage_leaves_no_share_mounted(self):
        self.share()
        # Its archive is not there.
        done = self.manage('backup', 'iso', ID, str(self.folder / 'iso'),
                           '--limit', '4G')
        self.assertEqual(1, done.returncode)
        self.assertIn('does not exist', done.stderr)
        self.demand_nothing_left()

    def test_manage_leaves_nothing_when_it_is_told_to_stop(self):
        archive = self.share() / 'controller-0' / 'archive'
        os.mkfifo(archive)
        for number in (signal.SIGTERM, signal.SIGINT):
            # What a shell has begun in the background ignores SIGINT.
            words = ['env', '--default-signal=INT', *MANAGE, '--config-file',
                     str(self.config), 'backup', 'iso', ID,
                     str(self.folder / 'iso')]
            with self.subTest(number), subprocess.Popen(
                    words, stderr=subprocess.PIPE, text=True,
                    env={**os.environ, 'PYTHONFAULTHANDLER': '1'}) as process:
                # Opened for writing: somebody reads the other end.
                with open(archive, 'wb', buffering=0) as file:
                    self.assertEqual(1, len(self.begun()))
                    process.send_signal(number)
                    said = self.ended(process, file)
                self.assertEqual(128 + number, process.returncode)
                self.assertNotIn('Traceback', said)
                self.demand_nothing_left()

    def ended(self, process, file):
        """Wait for the end of a program that has been told to stop; give
        what it said, and where it stood if it did not end."""
        for _second in range(MINUTE):
            # A signal that comes just before a read does not end it.
            with contextlib.suppress(BrokenPipeError):
                file.write(b'x')
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.communicate(timeout=1)[1]
        process.send_signal(signal.SIGABRT)
        return process.communicate()[1]

    def share(self):
        """Have a backup on a share that this machine mounts; give the
        folder that is the share."""
        if os.geteuid():
            self.skipTest('Only root can mount')
        share = self.folder / 'exported'
        share.mkdir()
        self.config.write_text(
            self.config.read_text() + '[storage]\ndriver = nfs\n'
            f'[storage_nfs]\nhost = 127.0.0.1\nexport = {share}\n')
        # The kernel of a machine for tests may know no NFS.
        programs = self.folder / 'bin'
        programs.mkdir()
        mount = programs / 'mount'
        mount.write_text('#!/bin/sh\nfor place; do :; done\n'
                         f'exec /bin/mount --bind {share} "$place"\n')
        mount.chmod(0o755)
        path = fixtures.EnvironmentVariable(
            'PATH', f'{programs}:{os.environ["PATH"]}')
        self.addCleanup(path.cleanUp)
        path.setUp()
        # What is left by a defect would keep the folder from being removed.
        self.addCleanup(lambda: [
            subprocess.run(['umount', '--lazy', place])
            for place in self.folder.glob('shares/*')])
        self.manage('db', 'sync')
        made = subprocess.run(
            [sys.executable, '-W', 'ignore', '-c', _BACKUP, str(self.config),
             ID, str(share)], timeout=MINUTE, text=True, capture_output=True)
        self.assertEqual(0, made.returncode, made.stderr)
        [cloud] = share.iterdir()
        return cloud

    def demand_nothing_left(self):
        """See that nothing is mounted, and no file was begun."""
        self.assertEqual([], os.listdir(self.folder / 'shares'))
        self.assertNotIn(str(self.folder),
                         pathlib.Path('/proc/self/mounts').read_text())
        self.assertEqual([], self.begun())

    def begun(self):
        """List what there is of the image."""
        return list(self.folder.glob('*iso*'))

    def test_manage_refuses_a_limit_that_is_no_size(self):
        done = self.manage('backup', 'iso', 'b', 'f', '--limit', '5X')
        self.assertEqual(2, done.returncode)
        self.assertIn("'5X' is no size: write it like 4700M", done.stderr)

    def test_the_server_answers_until_it_is_told_to_stop(self):
        server = subprocess.Popen(
            [sys.executable, '-W', 'ignore', '-m', 'baas.cmd.api',
             '--config-file', str(self.config)], stderr=subprocess.PIPE)
        self.addCleanup(server.stderr.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        self.assertEqual(200, self.status(server))
        server.send_signal(signal.SIGTERM)
        self.assertEqual(0, server.wait(MINUTE), server.stderr.read())

    def test_a_request_at_work_is_answered_before_the_end(self):
        server = subprocess.Popen(
            [sys.executable, '-W', 'ignore', '-c', _SLEEPER, '--config-file',
             str(self.config)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.stderr.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        self.status(server)
        with contextlib.ExitStack() as clients:
            # They are accepted in this order.
            begun, at_work = (clients.enter_context(socket.create_connection(
                ('127.0.0.1', self.port), MINUTE)) for _client in range(2))
            begun.sendall(b'GET /v1 ')
            at_work.sendall(b'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
            # Its log comes the same way.
            self.assertIn(b'at work\n', iter(server.stdout.readline, b''))
            server.send_signal(signal.SIGTERM)
            self.assertIn(b'200 OK', at_work.recv(65536))
            self.assertEqual(b'', begun.recv(65536))
        self.assertEqual(0, server.wait(MINUTE), server.stderr.read())

    def status(self, server):
        until = time.monotonic() + MINUTE
        while time.monotonic() < until and server.poll() is None:
            try:
                with urllib.request.urlopen(
                        f'http://127.0.0.1:{self.port}/v1') as response:
                    return response.status
            except urllib.error.URLError:
                time.sleep(0.1)
        self.fail('The server does not answer')
