# SPDX-License-Identifier: Apache-2.0
"""Long verbs in the background: begin, follow, stop.

:mod:`baas.program` does so on the conductor, and differs in two things on
purpose. Here a worker is known by its process id and when that started, for
the file is in memory and a lock would have to be held by each look; there it
holds a lock, which also keeps a second one out that nobody has detached. Here
who follows is not woken by news, for each answer costs an SSH session; there
he is, for the news may be what somebody is to do by hand."""
import hashlib
import json
import os
import sys
import time
import traceback

from baas.node import errors
from baas.node import paths
from baas.node import request as requests
from baas.node.system import atomic_file
from baas.node.system import processes

_QUIET = 0.5
_LINES = 100  # kept for those who follow, who look more often than that


class Worker(requests.Request):
    """A request whose progress others can read."""

    def __init__(self, asked):
        super().__init__(asked.verb, asked.job, asked.epoch, asked.options)
        self._last, self._logged = 0.0, 0
        self._said = {
            'state': 'running', 'verb': self.verb, 'pid': os.getpid(),
            'start': processes.start_time(os.getpid()), 'group': os.getpgrp(),
            'options': digest(asked),
            'percent': 0, 'bytes_done': 0, 'bytes_total': 0,
            'files_done': 0, 'task': 'starting'}
        self._write()

    def report(self, **progress):
        """Make known how far the work is, at most twice a second."""
        self._said.update(progress)
        if time.monotonic() - self._last >= _QUIET:
            self._write()

    def log(self, line):
        """Put a line into the log of the job: whoever follows takes what
        he has not seen yet, by its number."""
        self._logged += 1
        lines = self._said.get('lines', [])[1 - _LINES:]
        self.report(lines=lines + [[self._logged, line[:500]]])

    def end(self, **last):
        """Make the end known."""
        self._said.update(last)
        self._write()

    def _write(self):
        self._last = time.monotonic()
        atomic_file.write_json(path(self.job, self.verb), self._said,
                               sync=False)


def path(job, verb):
    """Give the file in which a worker says how far it is."""
    return paths.work(job, verb + '.json')


def digest(asked):
    """Tell requests with other options apart."""
    text = json.dumps(asked.options, sort_keys=True)
    return hashlib.sha256(text.encode('ascii')).hexdigest()


def is_alive(said):
    """Tell whether the worker that said this still runs."""
    return processes.start_time(said['pid']) == said['start'] is not None


def is_done(job, verb):
    """Tell whether a worker has done its verb to the end."""
    said = atomic_file.read_json(path(job, verb))
    return said is not None and said['state'] == 'done'


def detach(asked, function):
    """Go on in the background, or find the work done or under way.

    :param asked: the request.
    :param function: the verb.
    :returns: what a follow would give at once.
    """
    said = atomic_file.read_json(path(asked.job, asked.verb))
    if said is not None:
        if said['state'] == 'running' and is_alive(said):
            return said
        if said['state'] == 'done' and said['options'] == digest(asked):
            return said
    paths.make(paths.RUN)
    paths.make(paths.work(asked.job))
    readable, writable = os.pipe()
    if os.fork():
        os.close(writable)
        with os.fdopen(readable, 'rb') as handle:
            handle.read()
        # The child outlives this process, which ends now: no wait for it.
        said = atomic_file.read_json(path(asked.job, asked.verb))
        if said is None:  # pragma: no cover - a child that dies at once
            raise errors.NodeError(
                '%s could not begin in the background.' % asked.verb,
                'Read %s on the node.' % paths.work(
                    asked.job, asked.verb + '.log'))
        return said
    os.close(readable)
    _leave(asked)
    worker = Worker(asked)
    os.close(writable)
    _work(worker, function)
    os._exit(0)


def _leave(asked):
    """Become a session of one's own that nothing but the disk is tied to."""
    processes.leave(paths.work(asked.job, asked.verb + '.log'))
    os.chdir('/')


def _work(worker, function):
    try:
        worker.end(state='done', percent=100, result=function(worker))
    except errors.NodeError as error:
        worker.end(state='error', result=error.result, error={
            'cause': error.cause, 'hint': error.hint})
    except BaseException as error:
        traceback.print_exc()
        sys.stderr.flush()
        worker.end(state='error', error=errors.unforeseen(
            worker.verb, error, 'in %s on the node' % paths.work(
                worker.job, worker.verb + '.log')))


def follow(asked, verb, wait):
    """Wait until a worker has ended, and say how far it is.

    It does not come back early for news: each look costs the conductor and
    the node more than the news is worth.

    :param verb: the verb the worker does.
    :param wait: at most so many seconds.
    :returns: what it says.
    :raises errors.NodeError: there is no such worker, or it died.
    """
    until = time.monotonic() + wait
    while True:
        said = atomic_file.read_json(path(asked.job, verb))
        if said is None:
            raise errors.NodeError(
                'Nothing does %s for job %s on this node.' % (verb, asked.job),
                'Begin it again with --detach; a reboot ends what ran.')
        if said['state'] != 'running':
            return said
        if not is_alive(said):
            _died(asked, verb)
        if time.monotonic() >= until:
            return said
        # Where looks are dear, so is this one.
        time.sleep(max(0.2, wait / 60))


def _died(asked, verb):
    # It may have said its last words between the two looks.
    if atomic_file.read_json(path(asked.job, verb))['state'] == 'running':
        raise errors.NodeError(
            'The process that did %s is gone.' % verb,
            'Read %s on the node, and begin it again.'
            % paths.work(asked.job, verb + '.log'))


def stop(job, verb):
    """End the worker of a verb with all it has started.

    :returns: True when there was one to end.
    """
    said = atomic_file.read_json(path(job, verb))
    if said is None or said['state'] != 'running':
        return False
    if not is_alive(said):
        # What it had started was told to end with it.
        processes.wait_for_group(said['group'], 10)
        return False
    processes.end_group(said['group'])
    said.update(state='error', error={
        'cause': '%s was stopped on request.' % verb,
        'hint': 'Begin it again when it is wanted.'})
    atomic_file.write_json(path(job, verb), said, sync=False)
    return True
