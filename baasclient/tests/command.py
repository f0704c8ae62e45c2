# SPDX-License-Identifier: Apache-2.0
"""Runs the real `openstack` shell in a process of its own.

Starting `openstack` takes a second; a process that has imported it already
and forks for each command takes a tenth of that. This module is all that it
imports, so it imports nothing of the service.
"""
import json
import multiprocessing
import os
import pathlib
import sys
import tempfile

from openstackclient import shell

# Seconds between two looks at a job, where a user has two of them.
PAUSE = 0.2
_context = multiprocessing.get_context('forkserver')
_context.set_forkserver_preload([__name__])


class Running:
    """A command at work.

    :ivar code: its exit code (int), once it has ended.
    """

    def __init__(self, arguments, environment, folder):
        self._folder = pathlib.Path(tempfile.mkdtemp(dir=folder))
        for name in ('out', 'err'):
            (self._folder / name).touch()
        self._process = _context.Process(
            target=_run, args=(list(arguments), environment,
                               str(self._folder)))
        self._process.start()

    def finish(self):
        """Wait until it has ended; give itself."""
        self._process.join(60)
        self.code = self._process.exitcode
        return self

    def stop(self):
        """End it, if the test has not."""
        self._process.kill()
        self._process.join()

    @property
    def out(self):
        """What it has written on standard output."""
        return (self._folder / 'out').read_text()

    @property
    def err(self):
        """What it has written on standard error."""
        return (self._folder / 'err').read_text()

    @property
    def json(self):
        """What it has written on standard output, decoded."""
        return json.loads(self.out)


def _run(arguments, environment, folder):
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for name, number in (('out', 1), ('err', 2)):
        file = os.open(name, os.O_WRONLY)
        os.dup2(file, number)
    # Only here, so that the process that waits knows nothing of commands yet.
    from baasclient import wait
    wait.PAUSE = PAUSE
    sys.stdout, sys.stderr = open(1, 'w'), open(2, 'w', buffering=1)
    code = shell.main(arguments)
    sys.stdout.flush()
    sys.exit(code)
