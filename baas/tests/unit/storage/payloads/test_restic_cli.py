# SPDX-License-Identifier: Apache-2.0
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import unittest

from baas import keys
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

    def test_one_that_waits_for_an_ssh_that_has_ended_is_ended(self):
        began = time.monotonic()
        self.assertIn('connection to the storage has ended',
                      self.refused('sleep 5 & exec sleep 60'))
        self.assertLess(time.monotonic() - began, 30)

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
