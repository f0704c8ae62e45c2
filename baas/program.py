# SPDX-License-Identifier: Apache-2.0
"""What the programs share that playbooks run on the conductor: they read a
job from a file, work in front of the caller or detached, and tell how far
they are.

What they print is what the program on the nodes prints, so that one reader
understands both; :mod:`baas.node.background` says in what they differ.
Nothing is imported here that takes long to load."""
import argparse
import contextlib
import fcntl
import json
import logging
import os
import pathlib
import signal
import sys
import threading
import time

from baas import errors
from baas.node.system import atomic_file
from baas.node.system import processes

LOG = logging.getLogger(__name__)
_POLL = 0.2  # seconds
_WAIT = 3  # seconds that who follows waits when he does not say


def main(module, verb, work, argv=None, epilog=None):
    """Run a program.

    :param module: what ``python -m`` calls it.
    :param verb: its name in what it prints.
    :param work: called with the :class:`Job` and the arguments that are not
        for this module (list of str); returns the result (dict).
    :param argv: arguments; None means those of the process.
    :param epilog: what ``--help`` says at its end.
    :returns: exit code (int).
    """
    parser = argparse.ArgumentParser(
        prog=f'python -m {module}', allow_abbrev=False, epilog=epilog)
    parser.add_argument('--job-file', required=True, type=pathlib.Path)
    how = parser.add_mutually_exclusive_group()
    how.add_argument('--detach', action='store_true',
                     help='go on in the background')
    how.add_argument('--follow', action='store_true',
                     help='wait for news of what was detached')
    how.add_argument('--stop', action='store_true',
                     help='end what was detached')
    parser.add_argument('--wait', type=float, default=_WAIT,
                        help='seconds that --follow waits at most')
    asked, rest = parser.parse_known_args(argv)
    state = State(verb, asked.job_file.absolute())
    if asked.follow:
        said = state.follow(asked.wait)
    elif asked.stop:
        said = state.stop()
    else:
        said = _begin(state, work, rest, asked.detach)
    print(json.dumps({'baas': said}), flush=True)
    return 1 if said['state'] == 'error' else 0


class Job:
    """What is to be done, and the way to tell how far it is.

    :ivar folder: folder for what the work needs only while it runs.
    """

    def __init__(self, state):
        self._state = state
        self._values = json.loads(state.job_file.read_text())
        self.folder = state.job_file.with_name(state.job_file.name + '.run')

    def get(self, name, kind, default=...):
        """Give a field of the job file.

        :param kind: type that it must have.
        :param default: what to give when it is missing or null.
        :raises InvalidArgument: it is missing without a default, or of the
            wrong type.
        """
        value = self._values.get(name)
        if value is None and default is not ...:
            return default
        if not isinstance(value, kind):
            raise errors.InvalidArgument(
                argument=name, reason=f'{value!r} is no {kind.__name__}')
        return value

    def report(self, percent, task, **numbers):
        """Say how far the work is.

        :param percent: 0 to 100.
        :param task: what is being done.
        :param numbers: bytes_done, bytes_total, files_done.
        """
        self._state.write('running', percent=int(percent), task=task,
                          **numbers)

    def keep(self, **values):
        """Say something in all that is said from now on, the end too."""
        self._state.kept.update(values)


class State:
    """The file beside the job file that says how far the work is.

    Whoever works holds a lock, which ends with the process however it ends.
    """

    def __init__(self, verb, job_file):
        self.verb, self.job_file, self.kept = verb, job_file, {}
        self._path = job_file.with_name(job_file.name + '.state')
        self._lock = None
        self._writing = threading.Lock()

    def begin(self, patience=0):
        """Take the lock; False when another process has it.

        :param patience: seconds to wait for it.
        """
        path = self.job_file.with_name(self.job_file.name + '.lock')
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        until = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    os.close(descriptor)
                    return False
                time.sleep(_POLL)
            else:
                self._lock = descriptor
                return True

    def end(self):
        """Give the lock back."""
        os.close(self._lock)
        self._lock = None

    def write(self, state, **values):
        """Replace what the file says; returns it."""
        said = {'verb': self.verb, 'state': state, **self.kept, **values}
        # Several threads of the work tell how far they are. A power cut ends
        # the work, and needs no more than the last word kept.
        with self._writing:
            atomic_file.write_json(self._path, {'pid': os.getpid(),
                                                'said': said},
                                   sync=state != 'running')
        return said

    def read(self):
        """Give (pid, what was said last); (None, error) without a file."""
        died = self.error(f'The {self.verb} died on its way',
                          'Look into the log of the service, then start it '
                          'again')
        try:
            found = atomic_file.read_json(self._path)
        except ValueError:
            # A power cut has ended it before the file was on the disk.
            return None, died
        if found is None:
            return None, self.error(f'There is no {self.verb} for '
                                    f'{self.job_file}',
                                    'Start it with --detach')
        pid, said = found['pid'], found['said']
        if said['state'] == 'running' and self.begin():
            # It may have ended between the two looks.
            again = atomic_file.read_json(self._path)['said']
            self.end()
            return pid, died if again['state'] == 'running' else again
        return pid, said

    def follow(self, wait):
        """Wait until something else is done, at most some seconds; returns
        what was said last. Each look costs more than a percent is worth."""
        until = time.monotonic() + wait
        first = said = self.read()[1]
        while (said['state'] == 'running' and time.monotonic() < until
               and said['task'] == first['task']):
            time.sleep(_POLL)
            said = self.read()[1]
        return said

    def stop(self, patience=10):
        """End the work with all processes that it has started."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            until = time.monotonic() + patience
            pid, said = self.read()
            if said['state'] == 'running':
                _end(pid, number)
            while said['state'] == 'running' and time.monotonic() < until:
                time.sleep(_POLL)
                said = self.read()[1]
        return {'verb': self.verb, 'state': 'done',
                'result': {'stopped': True}}

    def error(self, cause, hint):
        """Make what is said when nothing could be begun or has ended."""
        return {'verb': self.verb, 'state': 'error',
                'error': {'cause': f'{cause}.', 'hint': f'{hint}.'}}


def _begin(state, work, argv, detach):
    # Who looks on holds the lock for an instant.
    if not state.begin(patience=1):
        if detach:
            return state.read()[1]
        return state.error(f'Another {state.verb} works on '
                           f'{state.job_file}', 'Wait for its end')
    said = state.write('running', percent=0, task='starting')
    if not detach:
        return _finish(state, work, argv)
    sys.stdout.flush()
    if os.fork():
        # The lock goes on in the child: it is one lock, held by both.
        return said
    processes.leave(state.job_file.with_name(state.job_file.name + '.log'))
    state.write('running', percent=0, task='starting')
    code = 1
    try:
        code = int(_finish(state, work, argv)['state'] == 'error')
    finally:
        os._exit(code)


def _finish(state, work, argv):
    try:
        # The log may go to the standard output, which is for one line only.
        with contextlib.redirect_stdout(sys.stderr):
            result = work(Job(state), argv)
        return state.write('done', result=result)
    except errors.BaasError as error:
        cause, hint = str(error), error.hint
    except Exception as error:
        LOG.exception('The %s failed', state.verb)
        cause = f'The {state.verb} failed: {type(error).__name__}: {error}.'
        hint = 'Look into the log of the service.'
    return state.write('error', error={'cause': cause, 'hint': hint})


def _end(pid, number):
    with contextlib.suppress(ProcessLookupError):
        # In front of a caller, the group is the caller's too.
        if os.getpgid(pid) == pid:
            processes.end_group(pid)
        else:
            os.kill(pid, number)
