# SPDX-License-Identifier: Apache-2.0
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

from baas import program
from baas.tests.unit.storage.programs import test_program


class FrontTest(unittest.TestCase):
    """A program that was not told to go on in the background."""

    def test_stop_ends_it_and_not_who_has_called_it(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        job, config = (pathlib.Path(folder.name) / name
                       for name in ('job.json', 'baas.conf'))
        job.write_text(json.dumps({'gate': f'{folder.name}/gate'}))
        config.touch()
        state = program.State('test', job)
        with subprocess.Popen(
                [sys.executable, '-c', test_program._PROGRAM, '--job-file',
                 str(job), '--config-file', str(config)],
                stdout=subprocess.DEVNULL) as process:
            self.addCleanup(process.kill)
            until = time.monotonic() + 60
            while state.read()[1]['state'] != 'running':
                self.assertLess(time.monotonic(), until)
                time.sleep(0.05)
            # We are of its group, and still here afterwards.
            self.assertEqual(os.getpgid(0), os.getpgid(process.pid))
            self.assertEqual({'stopped': True}, state.stop()['result'])
            self.assertNotEqual(0, process.wait(60))
