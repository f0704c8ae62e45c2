# SPDX-License-Identifier: Apache-2.0
"""Programs that each read what the one before writes."""
import os
import re
import signal
import subprocess
import tempfile

from baas.node import errors
from baas.node.system import command
from baas.node.system import syscalls

_CHECKPOINT = re.compile(rb'checkpoint (\d+)')
# What tar and age say last, whatever was wrong.
_NO_CAUSE = re.compile(rb'checkpoint \d|previous errors|^age: report ')
_TAIL = 1 << 16


class Pipeline:
    """Programs at work; as a context it ends them, whatever happens.

    :ivar input: what the first one reads, when it is to be fed (binary file).
    :ivar output: what the last one writes (binary file).
    """

    def __init__(self, commands, cwd=None, source=None, fed=False):
        """Start the programs.

        :param commands: list of commands (lists of str).
        :param cwd: folder of the first one.
        :param source: file that the first one reads, or None.
        :param fed: True when it reads what is written to ``input``.
        """
        self._processes, self._errors = [], []
        entry = subprocess.PIPE if fed else source or subprocess.DEVNULL
        try:
            for words in commands:
                self._start(words, cwd, entry)
                entry, cwd = self._processes[-1].stdout, None
        except BaseException:
            self.kill()
            raise
        self.input = self._processes[0].stdin
        self.output = self._processes[-1].stdout

    def _start(self, words, cwd, entry):
        self._errors.append(tempfile.TemporaryFile())
        try:
            process = subprocess.Popen(
                words, cwd=cwd, stdin=entry, stdout=subprocess.PIPE,
                stderr=self._errors[-1], env=command.environment(),
                preexec_fn=syscalls.die_with_parent)
        except OSError as error:
            raise errors.NodeError(
                '%s cannot be started: %s.' % (words[0], error.strerror),
                'Install it on this node.')
        if self._processes:
            # Who reads it now shall see when its writer ends, and the
            # writer when its reader does.
            self._processes[-1].stdout.close()
        self._processes.append(process)

    def checkpoint(self):
        """Give the number of the last record that tar told of (int)."""
        found = _CHECKPOINT.findall(self._said(0))
        return int(found[-1]) if found else 0

    def finish(self, what):
        """Wait for the end of all.

        :param what: what they do, for a sentence.
        :raises errors.NodeError: one has failed; it names the first of
            them that was not only cut off by one that failed after it.
        """
        failed = []
        for number, process in enumerate(self._processes):
            process.wait()
            if process.returncode:
                failed.append((process.returncode == -signal.SIGPIPE,
                               number))
        if failed:
            number = min(failed)[1]
            process = self._processes[number]
            raise errors.NodeError(
                'This node could not %s: %s ended with %d: %s.' % (
                    what, process.args[0].rpartition('/')[2],
                    process.returncode, self._complaint(number)),
                'See that the node and its storage are well, and try again.')

    def _said(self, number):
        # The place in the file is the program's, who writes on there.
        place = self._errors[number].fileno()
        size = os.fstat(place).st_size
        return os.pread(place, _TAIL, max(0, size - _TAIL))

    def _complaint(self, number):
        lines = [line for line in self._said(number).splitlines()
                 if not _NO_CAUSE.search(line)]
        return command.last_line(
            b'\n'.join(lines).decode('utf-8', 'backslashreplace'))

    def kill(self, patience=10):
        """End all, whatever they do.

        :param patience: seconds for each to end by itself.
        """
        for process in self._processes:
            if process.poll() is None:
                process.terminate()
        for process in self._processes:
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        """End all, and close what was open."""
        self.kill()
        for process in self._processes:
            for pipe in (process.stdin, process.stdout):
                try:
                    if pipe is not None:
                        pipe.close()
                except OSError:
                    pass  # what was to be read by one that is gone
        for handle in self._errors:
            handle.close()
