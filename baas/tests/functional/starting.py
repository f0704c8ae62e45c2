# SPDX-License-Identifier: Apache-2.0
"""What tests share of programs that cannot begin."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

from baas.tests.functional import forked
from baas.tests import ports

PROGRAMS = {'standalone': (), 'conductor': (), 'api': (),
            'manage': ('db', 'sync'), 'status': ('upgrade', 'check')}


def restic(folder, says='restic 0.18.0 compiled with go1.24'):
    """Make a program that says it is restic; give its path."""
    path = folder / 'restic'
    path.write_text(f'#!/bin/sh\necho {says}\n')
    path.chmod(0o755)
    return path


def process(program, *argv):
    """Run a program to its end as a process of its own; the same as
    :func:`baas.tests.functional.forked.run`, which is cheap."""
    return subprocess.run(
        [sys.executable, '-W', 'ignore', '-m', f'baas.cmd.{program}', *argv],
        text=True, capture_output=True, timeout=60)


class StartTest(unittest.TestCase):
    """Has a configuration with which each program would begin.

    :cvar run_to_end: how programs are run.
    """
    run_to_end = staticmethod(forked.run)

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.state = self.folder / 'state'
        self.inventory = self.folder / 'inventory.json'
        self.inventory.write_text('{}')
        self.restic = restic(self.folder)
        self.port = ports.free()

    def run_program(self, program, **sections):
        """Start a program that must not begin.

        :param sections: text of the sections of its configuration.
        :returns: what it said on the standard error.
        """
        given = {
            'DEFAULT': f'state_path = {self.state}',
            'api': f'auth_strategy = noauth\nbind_port = {self.port}',
            'runner': f'inventory = {self.inventory}',
            'payload': f'key_file = {self.state}/key\n'
                       f'restic = {self.restic}', **sections}
        config = self.folder / 'baas.conf'
        config.write_text('\n'.join(f'[{name}]\n{text}'
                                    for name, text in given.items()) + '\n')
        done = self.run_to_end(program, '--config-file', str(config),
                               *PROGRAMS[program])
        self.assertEqual(1, done.returncode, done.stdout + done.stderr)
        self.assertNotIn('Traceback', done.stdout)
        return self.demand_sentence(done.stderr)

    def demand_sentence(self, said):
        """See that something is one cause and one hint."""
        lines = said.splitlines()
        self.assertEqual(2, len(lines), said)
        self.assertRegex(lines[0], r'^error: .*\.$')
        self.assertRegex(lines[1], r'^  hint: .*\S$')
        return said

    def everywhere(self, wanted, hint, *programs, **sections):
        """See what programs, all when none is named, say."""
        before = sorted(path.name for path in self.folder.iterdir())
        for program in programs or PROGRAMS:
            with self.subTest(program=program):
                said = self.run_program(program, **sections)
                self.assertIn(wanted, said)
                self.assertIn(hint, said)
                self.assertNotIn('secret', said)
                self.assertEqual(
                    sorted({*before, 'baas.conf'}),
                    sorted(path.name for path in self.folder.iterdir()))
