# SPDX-License-Identifier: Apache-2.0
"""The record of a job: what was done to this node and what is owed to it."""
import contextlib
import fcntl
import os
import time

from baas.node import errors
from baas.node import paths
from baas.node.system import atomic_file
from baas.node.system import clock

# Closed jobs whose epochs are remembered, so that a conductor that was
# fenced off cannot open them again.
_REMEMBERED = 20


def path():
    """Give the path of the record."""
    return paths.state('record.json')


def load():
    """Read the record of the open job, or the last closed one, or None."""
    return atomic_file.read_json(path())


def is_open(data):
    """Tell whether a record belongs to a job that was not released."""
    return data is not None and not data.get('closed')


def fence(data, job, epoch):
    """Refuse who is not, or no longer, in charge.

    :param data: the record (dict) or None.
    :raises errors.NodeError: another job is open, or the epoch is lower
        than one that was seen for this job.
    """
    if data is None:
        return
    if is_open(data) and data['job'] != job:
        raise errors.NodeError(
            'Job %s has not been released on this node.' % data['job'],
            'Run baas-node release --job %s --epoch %d.'
            % (data['job'], data['epoch']))
    seen = data.get('seen', {}).get(job, -1)
    if data['job'] == job:
        seen = max(seen, data['epoch'])
    if epoch < seen:
        raise errors.NodeError(
            'Epoch %d of job %s is refused because epoch %d was here.'
            % (epoch, job, seen),
            'Another conductor has taken the job over; leave it to that.')


@contextlib.contextmanager
def locked():
    """Keep every other process of the program from changing the record."""
    paths.make(paths.STATE)
    with open(paths.state('lock'), 'a') as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


class Held:
    """The record of the open job while this process alone may change it.

    :ivar data: the record itself (dict).
    """

    def __init__(self, data):
        self.data = data

    def save(self):
        """Make what is in data last; call it before acting on it."""
        atomic_file.write_json(path(), self.data)

    def owe(self, undo):
        """Add something to undo (dict with kind), once."""
        if undo not in self.data['owed']:
            self.data['owed'].append(undo)

    def pay(self, *undos):
        """Take what was undone off, and make that last."""
        paid = [undo for undo in undos if undo in self.data['owed']]
        for undo in paid:
            self.data['owed'].remove(undo)
        if paid:
            self.save()


@contextlib.contextmanager
def held(job=None, epoch=None):
    """Hold the record of the open job; without a job: whichever is open.

    :raises errors.NodeError: no job is open, another is, or the epoch is
        too low.
    """
    with locked():
        data = load()
        if job is not None:
            fence(data, job, epoch)
        if not is_open(data):
            raise errors.NodeError('No job is open on this node.',
                                   'Run baas-node prepare first.')
        yield _raised(data, job, epoch)


def _raised(data, job, epoch):
    record = Held(data)
    if job is not None and epoch > data['epoch']:
        data['epoch'] = epoch
        record.save()
    return record


def begin(job, epoch, kind):
    """Open the record of a job, or find it open already.

    :param kind: backup or restore.
    :returns: a copy of the record (dict).
    :raises errors.NodeError: another job is open or the epoch is too low.
    """
    with locked():
        data = load()
        fence(data, job, epoch)
        if is_open(data):
            return dict(_raised(data, job, epoch).data)
        fresh = {'format': 1, 'job': job, 'epoch': epoch, 'kind': kind,
                 'opened': time.time(), 'boot_id': clock.boot_id(),
                 'owed': [], 'snapshots': [], 'live': [], 'rested': [],
                 'before': {}, 'settled': True, 'fired': False,
                 'closed': False,
                 'seen': _seen(data)}
        Held(fresh).save()
        return fresh


def _seen(data):
    if data is None:
        return {}
    seen = dict(data.get('seen', {}))
    seen.pop(data['job'], None)
    kept = list(seen.items())[-_REMEMBERED:]
    return dict(kept + [(data['job'], data['epoch'])])


def close(job, epoch):
    """Close the record of a job whose undos are all paid."""
    with locked():
        data = load()
        if data is None or data['job'] != job:
            return
        atomic_file.write_json(path(), {
            'format': 1, 'job': job, 'epoch': max(epoch, data['epoch']),
            'kind': data['kind'], 'closed': True, 'owed': [],
            'released': time.time(), 'seen': data.get('seen', {})})


def admit(job, epoch, look_only=False):
    """Check the fence, whatever the verb.

    :param look_only: True when a job that was left behind is no hindrance.
    :raises errors.NodeError: the epoch is too low, or another job is open.
    """
    if os.path.exists(path()):
        with locked():
            data = load()
            if look_only and is_open(data) and data['job'] != job:
                return
            fence(data, job, epoch)
            if is_open(data) and data['job'] == job:
                _raised(data, job, epoch)
