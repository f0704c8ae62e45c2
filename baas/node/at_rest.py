# SPDX-License-Identifier: Apache-2.0
"""Have the node read while it rests, for what has no snapshots."""
import json
import os

from baas.node import command
from baas.node import durable
from baas.node import failure
from baas.node import program
from baas.node import record
from baas.node import worker

_VERB = 'capture'


def resumed():
    """Make the error of a node that does not rest any more."""
    return failure.NodeError(
        'The node was resumed before its snapshots were taken.',
        'Release the job and take another backup, longer at rest.')


def refuse_resumed(data):
    """Refuse to go on when the node was resumed.

    :param data: the record (dict).
    :raises failure.NodeError: it was.
    """
    if data['fired'] or (data['rested'] and not data.get('rest_token')):
        raise resumed()


def read(request):
    """Do the verb ``capture`` now, in a process of its own.

    The process that rests the node keeps its own mounts, and the step
    ``capture`` finds the work done later, with the same options.

    :raises failure.NodeError: it failed, or the node was resumed meanwhile.
    """
    words = program.words() + [
        _VERB, '--detach', '--job', request.job, '--epoch',
        str(request.epoch), '--options', '-']
    told = json.dumps(request.option(_VERB))
    try:
        command.run(words, 'Read the log of the node program.', 60, told)
        _follow(request)
    except BaseException:
        worker.stop(request.job, _VERB)
        raise


def _follow(request):
    while True:
        said = worker.follow(request, _VERB, 0.5)
        if said['state'] == 'done':
            return
        if said['state'] == 'error':
            raise failure.NodeError(said['error']['cause'],
                                    said['error']['hint'])
        refuse_resumed(record.load())
        request.tell(**{key: said[key] for key in (
            'percent', 'bytes_done', 'bytes_total', 'files_done', 'task')})


def forget(job):
    """End and forget a capture of an earlier try; again is harmless."""
    worker.stop(job, _VERB)
    path = worker.path(job, _VERB)
    if os.path.exists(path):
        os.unlink(path)


def done(request):
    """Give the result of a capture that was done at rest.

    :raises failure.NodeError: there is none with these options.
    """
    said = durable.read_json(worker.path(request.job, _VERB))
    if said and said['state'] == 'done' and (
            said['options'] == worker.digest(request)):
        return said['result']
    raise failure.NodeError(
        'This node was read at rest, with other options than these.',
        'Release the job and take another backup.')
