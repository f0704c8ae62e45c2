# SPDX-License-Identifier: Apache-2.0
"""The programs of the API as an operator starts them."""
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

MINUTE = 60


class ProgramTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            self.port = probe.getsockname()[1]
        self.config = self.folder / 'baas.conf'
        self.config.write_text(
            f'[DEFAULT]\nstate_path = {self.folder}\n'
            f'[api]\nauth_strategy = noauth\nbind_port = {self.port}\n')

    def run_python(self, *arguments, **environ):
        return subprocess.run(
            [sys.executable, '-W', 'ignore', *arguments], timeout=MINUTE,
            env={**os.environ, **environ}, text=True, capture_output=True)

    def manage(self, *arguments):
        return self.run_python('-m', 'baas.cmd.manage', '--config-file',
                               str(self.config), *arguments)

    def test_manage_brings_the_schema_up_and_shows_its_version(self):
        self.assertIn('db sync', self.manage('db', 'version').stdout)
        done = self.manage('db', 'sync')
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual('0004\n', self.manage('db', 'version').stdout)

    def test_manage_without_a_command_says_what_there_is(self):
        done = self.manage('db')
        self.assertEqual(2, done.returncode)
        self.assertIn('sync', done.stderr)

    def test_manage_says_in_one_sentence_what_is_wrong_with_a_backup(self):
        self.manage('db', 'sync')
        id = '11111111-2222-3333-4444-555555555555'
        for words in (('key', id), ('iso', id, '/nowhere/at.iso')):
            done = self.manage('backup', *words)
            self.assertEqual((1, ''), (done.returncode, done.stdout))
            error, hint = done.stderr.splitlines()[-2:]
            self.assertRegex(error, f'^error: .*{id}')
            self.assertRegex(hint, '^  hint: ')

    def test_manage_refuses_a_limit_that_is_no_size(self):
        done = self.manage('backup', 'iso', 'b', 'f', '--limit', '5X')
        self.assertEqual(2, done.returncode)
        self.assertIn("'5X' is no size: write it like 4700M", done.stderr)

    def test_the_wsgi_module_reads_no_arguments(self):
        done = self.run_python(
            '-c', 'import sys; sys.argv = ["server", "--workers", "8"]; '
                  'from baas.wsgi import api; import webob; '
                  'print(webob.Request.blank("/").get_response('
                  'api.application).status)',
            OS_BAAS_CONFIG_FILES=str(self.config))
        self.assertEqual('200 OK\n', done.stdout, done.stderr)

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
