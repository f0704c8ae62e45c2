# SPDX-License-Identifier: Apache-2.0
"""Leave the node as if the job had never been."""
import os
import shutil

from baas.node import deadman
from baas.node import expected
from baas.node import failure
from baas.node import payloads
from baas.node import places
from baas.node import record
from baas.node import rearstate
from baas.node import rescuestore
from baas.node import resume
from baas.node import settle
from baas.node import share
from baas.node import snapshot
from baas.node import worker


def release(request):
    """End workers, pay undos, drop snapshots, disarm, wipe credentials.

    Options: those of the payload, to clear away what is not whole in the
    storage; wait (seconds, 300) for services to come back, and as long for
    the node to be as it was.

    :returns: {'released': True, 'stopped': [verbs], 'started': [units],
        'dropped': [paths], 'unlocked': whether the repository is left
        without a lock of this node,
        'forgotten': what was removed from the storage again}.
    :raises failure.NodeError: an undo is still owed; the dead-man stays.
    """
    # The open record of another job stays as it is, and is no hindrance.
    record.admit(request.job, request.epoch, look_only=True)
    data = record.load()
    ours = record.is_open(data) and data['job'] == request.job
    stopped = _stop_workers(request.job)
    owed, started = None, []
    try:
        if ours:
            wait = float(request.options.get('wait', 300))
            started = resume.undo(wait, request.job, request.epoch)['started']
            _settle(request)
    except failure.NodeError as error:
        # What else can be undone is; the record stays open for the rest.
        owed = error
    dropped = snapshot.drop(request.job, request.epoch)
    if ours:
        rearstate.put_back()
    cleared = _clear(request)
    folder = places.work(request.job)
    if os.path.isdir(folder):
        shutil.rmtree(folder)
    if owed is not None:
        raise owed
    if ours or not record.is_open(data):
        deadman.disarm()
    record.close(request.job, request.epoch)
    expected.forget(request.job)
    return {'released': True, 'stopped': stopped, 'started': started,
            'dropped': dropped, **cleared}


def _settle(request):
    """See that the node is as it was, unless somebody has seen it.

    It is waited for once. What is still missing then, the dead-man has tried
    again until the next release; that one gives up, or one broken service
    would keep the node from being backed up for ever.

    :raises failure.NodeError: something is missing; it is named.
    """
    with record.held(request.job, request.epoch) as held:
        data = held.data
        if data.get('settled', True) or data.get('missed'):
            return
        data['missed'] = True
        held.save()
    settle.settle(request)


def _stop_workers(job):
    folder = places.work(job)
    stopped = []
    names = os.listdir(folder) if os.path.isdir(folder) else []
    for name in sorted(names):
        verb, kind = os.path.splitext(name)
        if kind == '.json' and worker.stop(job, verb):
            stopped.append(verb)
    return stopped


def _clear(request):
    """Clear away what killed processes have left in the storage. One that
    cannot be reached is no reason to keep the node as it is."""
    try:
        share.reach(request)
        rescuestore.clear(request)
        return payloads.of(request.options).clear(request)
    except failure.NodeError:
        return {'unlocked': False, 'forgotten': 0}
