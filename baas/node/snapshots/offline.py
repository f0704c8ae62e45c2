# SPDX-License-Identifier: Apache-2.0
"""Have the node read while it is quiesced, for what has no snapshots."""
import json
import os

from baas.node import background
from baas.node import errors
from baas.node import journal
from baas.node import journal_states
from baas.node import selfexec
from baas.node.system import atomic_file
from baas.node.system import command

_VERB = 'capture'


def resumed():
    """Make the error of a node that is not quiesced any more."""
    return errors.NodeError(*journal_states.RESUMED)


def refuse_resumed(data):
    """Refuse to go on when the node was resumed.

    :param data: the journal (dict).
    :raises errors.NodeError: it was.
    """
    journal_states.after(data, 'snapshot')


def read(request):
    """Do the verb ``capture`` now, in a process of its own.

    The process that quiesces the node keeps its own mounts, and the step
    ``capture`` finds the work done later, with the same options.

    :raises errors.NodeError: it failed, or the node was resumed meanwhile.
    """
    words = selfexec.words() + [
        _VERB, '--detach', '--job', request.job, '--epoch',
        str(request.epoch), '--options', '-']
    told = json.dumps(request.option(_VERB))
    try:
        command.run(words, 'Read the log of the node program.', 60, told)
        _follow(request)
    except BaseException:
        background.stop(request.job, _VERB)
        raise


def _follow(request):
    while True:
        said = background.follow(request, _VERB, 0.5)
        if said['state'] == 'done':
            return
        if said['state'] == 'error':
            raise errors.NodeError(said['error']['cause'],
                                   said['error']['hint'])
        refuse_resumed(journal.load())
        request.report(**{key: said[key] for key in (
            'percent', 'bytes_done', 'bytes_total', 'files_done', 'task')})


def forget(job):
    """End and forget a capture of an earlier try; again is harmless."""
    background.stop(job, _VERB)
    path = background.path(job, _VERB)
    if os.path.exists(path):
        os.unlink(path)


def done(request):
    """Give the result of a capture that was done while quiesced.

    :raises errors.NodeError: there is none with these options.
    """
    said = atomic_file.read_json(background.path(request.job, _VERB))
    if said and said['state'] == 'done' and (
            said['options'] == background.digest(request)):
        return said['result']
    raise errors.NodeError(
        'This node was read while quiesced, with other options than these.',
        'Release the job and take another backup.')
