# SPDX-License-Identifier: Apache-2.0
"""A program that a test has started, and only that one: it is told what to
do by its process id."""
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from baas.tests import ports

SECONDS = 300
"""How long something may take that should take a few seconds: the machine
may be busy."""


class TooLate(AssertionError):
    """Something did not happen in time."""


class Process:
    """A program with a session and a log of its own.

    :param name: what to call it in messages.
    :param argv: program and arguments.
    :param folder: where its log goes (:class:`pathlib.Path`).
    :param env: environment; the caller's when None.
    """

    def __init__(self, name, argv, folder, env=None):
        self.name, self.argv = name, [str(word) for word in argv]
        self.log = folder / f'{name}.log'
        self._env, self._process = env, None

    @property
    def pid(self):
        """Id of the process (int)."""
        return self._process.pid

    @property
    def is_running(self):
        """True from its start until it has ended."""
        return self._process is not None and self._process.poll() is None

    def start(self):
        """Start it; give itself."""
        with open(self.log, 'ab') as log:
            self._process = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self._env, start_new_session=True)
        return self

    def stop(self, seconds=SECONDS):
        """Ask it to end, kill it when it does not; may be called again.

        :returns: its exit status, or None when it had to be killed.
        """
        if not self.is_running:
            return self._process and self._process.returncode
        self._process.terminate()
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        """Kill it and all that it has started in its session."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def pause(self):
        """Stop the process where it is; its children go on.

        Its threads go on for a moment, until each of them has seen it.
        """
        os.kill(self.pid, signal.SIGSTOP)
        threads = pathlib.Path(f'/proc/{self.pid}/task')
        wait_until(lambda: all(
            path.read_text().rpartition(')')[2].split()[0] == 'T'
            for path in threads.glob('*/stat')), 'all threads stop')

    def go_on(self):
        """Let it go on after :meth:`pause`."""
        os.kill(self.pid, signal.SIGCONT)

    def words(self):
        """Give what it has written (str)."""
        return self.log.read_text(errors='replace')

    def wait_until(self, question, what, seconds=SECONDS):
        """As :func:`wait_until`, but notice when the program ends."""
        def ask():
            if not self.is_running:
                raise TooLate(f'{self.name} ended with '
                              f'{self._process.returncode}:\n'
                              f'{self.words()[-3000:]}')
            return question()
        try:
            return wait_until(ask, what, seconds)
        except TooLate as error:
            raise TooLate(f'{error}\n{self.words()[-3000:]}')


def wait_until(question, what, seconds=SECONDS, pause=0.1):
    """Ask until the answer is true.

    :param question: function without arguments.
    :param what: what is waited for, in words.
    :param pause: seconds between two questions.
    :returns: the answer.
    :raises TooLate: it was not in time.
    """
    end = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > end:
            raise TooLate(f'{what}: not after {seconds} s')
        time.sleep(pause)


def free_port():
    """See :func:`baas.tests.ports.free`."""
    return ports.free()


def answers(place):
    """Tell whether somebody listens.

    :param place: a port of the loopback (int), or the path of a socket.
    """
    family, address = ((socket.AF_INET, ('127.0.0.1', place))
                       if isinstance(place, int)
                       else (socket.AF_UNIX, str(place)))
    with socket.socket(family) as probe:
        probe.settimeout(1)
        if probe.connect_ex(address):
            return False
        # Where nobody listens a probe may meet itself.
        return probe.getpeername() != probe.getsockname()


def run(argv, env=None, seconds=SECONDS, given=''):
    """Run a program to its end, which must be good.

    :param given: what it reads (str).
    :returns: what it has written (str).
    """
    done = subprocess.run([str(word) for word in argv], env=env, text=True,
                          input=given, capture_output=True, timeout=seconds)
    if done.returncode:
        raise AssertionError(f'{argv[0]} ended with {done.returncode}:\n'
                             f'{done.stdout[-2000:]}{done.stderr[-2000:]}')
    return done.stdout


def environment(**more):
    """Give an environment with our programs and nothing of a cloud."""
    programs = pathlib.Path(sys.executable).parent
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(('OS_', 'ANSIBLE_', 'BAAS_'))}
    return {**kept, 'PATH': f'{programs}:{os.environ["PATH"]}', **more}


@contextlib.contextmanager
def folder():
    """Make a folder for the length of a test; a context manager.

    With BAAS_TEST_KEEP in the environment it stays, for a look at the logs.
    """
    path = pathlib.Path(tempfile.mkdtemp(prefix='baas-'))
    try:
        # Database and broker may run as users of their own.
        path.chmod(0o711)
        yield path
    finally:
        if 'BAAS_TEST_KEEP' not in os.environ:
            shutil.rmtree(path, ignore_errors=True)
