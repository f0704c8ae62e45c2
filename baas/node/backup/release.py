# SPDX-License-Identifier: Apache-2.0
"""Leave the node as if the job had never been."""
import os
import shutil

from baas.node import background
from baas.node import errors
from baas.node import journal
from baas.node import paths
from baas.node import payloads
from baas.node.quiesce import deadman
from baas.node.quiesce import resume
from baas.node.quiesce import wait_healthy
from baas.node.rear import image_store
from baas.node.rear import state_swap
from baas.node.system import expected_units
from baas.node.snapshots import snapshot
from baas.node.stores import nfs


def release(request):
    """End workers, run undos, drop snapshots, disarm, wipe credentials.

    Options: those of the payload, to clear away what is not whole in the
    storage; wait (seconds, 300) for services to come back, and as long for
    the node to be as it was.

    :returns: {'released': True, 'stopped': [verbs], 'started': [units],
        'dropped': [paths], 'unlocked': whether the repository is left
        without a lock of this node,
        'forgotten': what was removed from the storage again}.
    :raises errors.NodeError: an undo is still pending; the dead-man stays.
    """
    # The open journal of another job stays as it is, and is no hindrance.
    journal.check_epoch(request.job, request.epoch, ignore_other_jobs=True)
    data = journal.load()
    ours = journal.is_open(data) and data['job'] == request.job
    stopped = _stop_workers(request.job)
    pending, started = None, []
    try:
        if ours:
            wait = float(request.options.get('wait', 300))
            started = resume.undo(wait, request.job, request.epoch)['started']
            _wait_healthy(request)
    except errors.NodeError as error:
        # What else can be undone is; the journal stays open for the rest.
        pending = error
    dropped = snapshot.drop(request.job, request.epoch)
    if ours:
        state_swap.put_back()
    cleared = _clear(request)
    folder = paths.work(request.job)
    if os.path.isdir(folder):
        shutil.rmtree(folder)
    if pending is not None:
        raise pending
    if ours or not journal.is_open(data):
        deadman.disarm()
    journal.close(request.job, request.epoch)
    expected_units.forget(request.job)
    return {'released': True, 'stopped': stopped, 'started': started,
            'dropped': dropped, **cleared}


def _wait_healthy(request):
    """See that the node is as it was, unless somebody has seen it.

    It is waited for once. What is still missing then, the dead-man has tried
    again until the next release; that one gives up, or one broken service
    would keep the node from being backed up for ever.

    :raises errors.NodeError: something is missing; it is named.
    """
    with journal.edit(request.job, request.epoch, undoing=True) as opened:
        data = opened.data
        if data.get('healthy', True) or data.get('health_waited'):
            return
        opened.health_awaited()
    wait_healthy.wait_healthy(request)


def _stop_workers(job):
    folder = paths.work(job)
    stopped = []
    names = os.listdir(folder) if os.path.isdir(folder) else []
    for name in sorted(names):
        verb, kind = os.path.splitext(name)
        if kind == '.json' and background.stop(job, verb):
            stopped.append(verb)
    return stopped


def _clear(request):
    """Clear away what killed processes have left in the storage. One that
    cannot be reached is no reason to keep the node as it is."""
    try:
        nfs.reach(request)
        image_store.clear(request)
        return payloads.of(request.options).clear(request)
    except errors.NodeError:
        return {'unlocked': False, 'forgotten': 0}
