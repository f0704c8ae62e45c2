# SPDX-License-Identifier: Apache-2.0
"""A node of one's own for each test: folders that nobody else uses."""
import atexit
import functools
import json
import os
import py_compile
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

from baas.node import paths
from baas.node import request
from baas.runner import node_program

JOB = '11111111-2222-3333-4444-555555555555'
OTHER = '99999999-2222-3333-4444-555555555555'


@functools.lru_cache(None)
def program():
    """Build the program once, as it is pushed to nodes; give its path.

    Beside each source lies what Python makes of it, for no two nodes need
    have the same Python, and each start would compile anew. ``test_program``
    runs one without."""
    folder = tempfile.mkdtemp(prefix='baas-node-program-')
    atexit.register(shutil.rmtree, folder, True)
    path = node_program.build(os.path.join(folder, 'baas-node'))
    with tempfile.TemporaryDirectory() as place, \
            zipfile.ZipFile(path, 'a') as archive:
        for name in archive.namelist():
            source = archive.extract(name, place)
            archive.write(py_compile.compile(
                source, source + 'c', os.path.join(path, name), True,
                invalidation_mode=py_compile.PycInvalidationMode.
                UNCHECKED_HASH), name + 'c')
    return path


class NodeTest(unittest.TestCase):
    """A test with node folders below a temporary one.

    :ivar folder: the temporary folder (str).
    """

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='baas-node-test-')
        self.addCleanup(shutil.rmtree, self.folder, True)
        # A program may give way to others for the rest of its life; this
        # process has tests to run after it.
        self.addCleanup(os.setpriority, os.PRIO_PROCESS, 0,
                        os.getpriority(os.PRIO_PROCESS, 0))
        # No process of the machine is one of this node, unless a test says so.
        for name in ('STATE', 'RUN', 'UNITS', 'TOP', 'PROC'):
            self.addCleanup(setattr, paths, name, getattr(paths, name))
            setattr(paths, name, self.path(name.lower()))
            os.mkdir(getattr(paths, name), 0o700)

    def path(self, *names):
        """Give a path below the temporary folder."""
        return os.path.join(self.folder, *names)

    def write(self, name, text='text\n'):
        """Write a file below the temporary folder; give its path."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as handle:
            handle.write(text)
        return path

    def write_journal(self, name='state/journal.json', **more):
        """Write a journal as some other program would; give its path.

        :param more: its keys; format, job and epoch are there unless given.
        """
        return self.write(name, json.dumps(
            {'format': 1, 'job': JOB, 'epoch': 1, **more}))

    def asked(self, verb, epoch=1, **options):
        """Make a request of the job of this test."""
        return request.Request(verb, JOB, epoch, options)

    def environment(self):
        """Give an environment in which the program uses these folders."""
        found = {'BAAS_NODE_' + name: getattr(paths, name)
                 for name in ('STATE', 'RUN', 'UNITS', 'TOP', 'PROC')}
        return dict(os.environ, **found)

    def program(self):
        """Give the words that run the program, as it runs on nodes."""
        return [sys.executable, program()]

    def too_deep(self, name):
        """Make folders in a folder that no path is long enough to lead to,
        so that root cannot read them either; give the path of the folder."""
        top = self.path(name)
        folder = os.open(top, os.O_RDONLY)
        for _level in range(20):
            os.mkdir('a' * 250, dir_fd=folder)
            inner = os.open('a' * 250, os.O_RDONLY, dir_fd=folder)
            os.close(folder)
            folder = inner
        os.close(folder)
        return top

    def call(self, *words, **options):
        """Run the program: (exit status, what it said)."""
        done = subprocess.run(
            self.program() + list(words)
            + ['--job', JOB, '--options', '-'],
            input=json.dumps(options), stdout=subprocess.PIPE,
            universal_newlines=True, env=self.environment(), timeout=900)
        lines = done.stdout.splitlines()
        self.assertEqual(1, len(lines), done.stdout)
        return done.returncode, json.loads(lines[0])['baas']


def needs_root(test):
    """Skip a test where the program could not work either."""
    return unittest.skipUnless(os.geteuid() == 0, 'this needs root')(test)
