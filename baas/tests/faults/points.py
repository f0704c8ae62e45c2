# SPDX-License-Identifier: Apache-2.0
"""The points of a backup at which a fault is made, told by what the job and
its programs say. Each is a context manager: inside it is that point."""
import contextlib
import os
import signal

from baas.tests.faults import pair as pairs
from baas.tests.lab import inside
from baas.tests.lab import service as services

NODE = 'controller-1'
"""The node that has the fault."""


def in_step(name):
    """Make the point at which nodes have begun with a step."""
    def point(pair, id):
        pairs.wait_until(lambda: _running(pair, id, name)['nodes'],
                         f'{name} is at work on a node', 240)
    return _at(point)


def between(one, two):
    """Make the point at which a step has ended, and nothing of the next one
    has begun on any node."""
    def point(pair, id):
        def is_over():
            after = _running(pair, id, two)
            assert not after['nodes'], f'{two} was faster than the test'
            return (after['state'] == 'running'
                    or pair.step(id, one)['state'] == 'done')
        pairs.wait_until(is_over, f'{one} has ended', 240)
    return _at(point)


def _running(pair, id, name):
    job = pair.api.job(id)
    assert job['state'] not in services.FINAL, job
    return next(row for row in job['steps'] if row['name'] == name)


def quiescing(pair, id):
    """The first services are being stopped."""
    return _held(pair, id, 'Quiesce services', lambda said: (
        inside.read_json(NODE, '/var/lib/baas-node/journal.json') or {}
    ).get('quiesced'))


def quiesced(pair, id):
    """All services of all nodes are quiesced."""
    return _held(pair, id, 'Take snapshots', lambda said: True)


def resuming(pair, id):
    """All nodes were told to start their services."""
    return _held(pair, id, 'Resume services', lambda said: True)


@contextlib.contextmanager
def _held(pair, id, task, also):
    """Hold the process that leads the barrier still while it does a task."""
    def is_there():
        pid, said = pair.leader(id)
        assert said.get('state') != 'error', said
        return said.get('task') == task and also(said) and pid
    pid = pairs.wait_until(is_there, task, 240)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def reading(percent):
    """Make the point at which a node has read so much of its payload."""
    def point(pair, id):
        def is_there():
            said = pairs.reading(id, NODE)
            return said and (said['percent'] >= percent
                             or said['state'] != 'running')
        pairs.wait_until(is_there, f'{percent} % are read', 240)
    return _at(point)


def read(pair, id):
    """The node has read everything, and the conductor does not know yet."""
    def point(pair, id):
        pairs.wait_until(lambda: pairs.reading(id, NODE).get('state') in (
            'done', 'error'), 'all is read', 240)
        assert pair.step(id, 'capture')['state'] == 'running'
    return _at(point)(pair, id)


def _at(point):
    @contextlib.contextmanager
    def at(pair, id):
        point(pair, id)
        yield
    return at
