# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import unittest

from baas import keys
from baas.node.payloads import restic_watch
from baas.node.system import ssh_watch
from baas.storage.payloads import restic_cli
from baas.tests.unit.storage import places


class ResticTest(unittest.TestCase):
    """A restic that does not do what it should."""

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-restic-'))
        self.addCleanup(shutil.rmtree, self.folder)
        self.addCleanup(setattr, ssh_watch, 'ALONE', ssh_watch.ALONE)
        ssh_watch.ALONE = 1

    def run_one(self, script):
        program = self.folder / 'restic'
        if script:
            program.write_text(f'#!/bin/sh\n{script}\n')
            program.chmod(0o755)
        conf = places.configuration(
            self.folder, payload={'restic': str(program)},
            storage_file={'path': str(self.folder)})
        storage = places.file.FileStorage(conf)
        self.addCleanup(storage.close)
        with restic_cli.Repository(
                conf, storage, keys.MasterKey(bytes(range(32))),
                'n1', self.folder / 'run') as repository:
            return repository.run('check')

    def refused(self, script):
        with self.assertRaises(restic_cli.ResticError) as caught:
            self.run_one(script)
        return str(caught.exception)

    def set_variable(self, name, value):
        self.addCleanup(os.environ.pop, name)
        os.environ[name] = value

    def test_one_that_is_not_there_is_told(self):
        self.assertRegex(self.refused(None), 'restic: No such file')

    def test_one_that_waits_for_an_ssh_that_has_ended_is_ended(self):
        began = time.monotonic()
        self.assertIn('connection to the storage has ended',
                      self.refused('sleep 5 & exec sleep 60'))
        self.assertLess(time.monotonic() - began, 30)

    def test_one_whose_storage_refuses_all_it_writes_is_ended(self):
        self.addCleanup(setattr, restic_watch, 'PATIENCE',
                        restic_watch.PATIENCE)
        restic_watch.PATIENCE = 2
        self.assertIn('the storage refuses', self.refused(
            'echo "Save(<data/aa>) returned error, retrying after 1.0s: '
            'sftp: Failure" >&2; exec sleep 60'))

    def test_one_without_an_ssh_may_take_its_time(self):
        # It has no child at all: what it is told to do is done by the shell.
        self.assertEqual('late\n', self.run_one(
            'exec python3 -c "import time; time.sleep(4); print(\'late\')"'))

    def test_one_at_work_is_ended_when_the_program_is_told_to_stop(self):
        self.addCleanup(signal.signal, signal.SIGALRM, signal.signal(
            signal.SIGALRM, lambda *_: sys.exit()))
        began = time.monotonic()
        signal.alarm(1)
        with self.assertRaises(SystemExit):
            self.run_one('exec sleep 60')
        self.assertLess(time.monotonic() - began, 30)

    def test_what_it_complained_of_is_told(self):
        self.assertIn('no room', self.refused('echo no room >&2; exit 1'))

    def test_one_that_says_why_it_ended_gets_the_hint_for_it(self):
        for status, hint in ((12, 'the key of the service'),
                             (11, 'works on the repository'),
                             (1, 'has free space')):
            with self.assertRaises(restic_cli.ResticError) as caught:
                self.run_one(f'echo no >&2; exit {status}')
            self.assertEqual(status, caught.exception.status)
            self.assertIn(hint, caught.exception.hint)

    def test_what_restic_was_told_for_another_use_does_not_count(self):
        self.set_variable('RESTIC_REPOSITORY_FILE', '/none')
        self.set_variable('RESTIC_PASSWORD_COMMAND', 'false')
        said = self.run_one('env')
        self.assertNotIn('/none', said)
        self.assertIn('RESTIC_PASSWORD_COMMAND=\n', said)
        self.assertRegex(said, 'RESTIC_PASSWORD_FILE=/proc/self/fd/')
