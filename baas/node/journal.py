# SPDX-License-Identifier: Apache-2.0
"""The journal of a job: what was done to this node and what is still to be
undone."""
import contextlib
import fcntl
import os
import signal
import sys
import time

from baas.node import errors
from baas.node import journal_changes
from baas.node import paths
from baas.node.system import atomic_file
from baas.node.system import clock
from baas.node.system import processes

FORMAT = 1
"""Which keys a journal has and what they mean. Another number is another
program's: see :func:`load`."""

_HOLDER = 'lock-holder'
"""Name of the file of who has the lock on the journal."""
# Closed jobs whose epochs are remembered, so that a conductor that was
# fenced off cannot open them again.
_REMEMBERED = 20


def path():
    """Give the path of the journal."""
    return paths.state('journal.json')


def spare_path():
    """Give the path of a journal that its disk does not take: it counts
    until that takes a later one, or the node boots."""
    return os.path.join(paths.RUN, 'journal.json')


class UnknownFormat(errors.NodeError):
    """A journal was written by a program that knows another format.

    Nothing is changed in it: what its other keys mean is not known here. In
    every format :data:`FIXED` mean the same, so that what was stopped can be
    resumed.

    :ivar data: the journal (dict), as it is.
    """

    def __init__(self, place, data):
        super().__init__(
            'The journal %s of job %s has format %s, and this program knows '
            'format %d.' % (place, data.get('job'), data.get('format'),
                            FORMAT),
            'Remove the file, nothing is pending in it.'
            if data.get('closed') else
            'Release the job with the version of the service that began it; '
            'baas-node resume wakes what this version knows.')
        self.data = data


FIXED = ('format', 'job', 'epoch', 'epochs', 'closed', 'boot_id', 'undos',
         'deadline', 'deadline_boot')
"""Keys that mean the same in every format. Each undo has ``kind``, ``stage``
and the name of a thing."""


def load(place=None):
    """Read the journal of the open job, or the last closed one, or None.

    What is given is a copy: to change it changes nothing on disk.

    :param place: another file than the journal of this node.
    :raises UnknownFormat: another program has written it.
    :raises errors.NodeError: the file is damaged.
    """
    data = raw(place)
    if data is not None and data.get('format') != FORMAT:
        raise UnknownFormat(place or path(), data)
    return data


def raw(place=None):
    """Read a journal of whatever format (dict or None), only to show it.

    :raises errors.NodeError: the file is damaged.
    """
    if place is None:
        saved, spare = raw(path()), raw(spare_path())
        return spare if _revision(spare) > _revision(saved) else saved
    try:
        data = atomic_file.read_json(place)
    except ValueError as error:
        raise _damaged(place, error)
    if data is not None and not (isinstance(data, dict) and isinstance(
            data.get('job'), str) and isinstance(data.get('epoch'), int)):
        raise _damaged(place, 'it names no job')
    return data


def _revision(data):
    return -1 if data is None else data.get('revision', 0)


def _damaged(place, how):
    return errors.NodeError(
        'The journal %s is damaged: %s.' % (place, how),
        'Start by hand what is stopped, then move the file away.')


def is_open(data):
    """Tell whether a journal belongs to a job that was not released."""
    return data is not None and not data.get('closed')


def refuse_stale(data, job, epoch):
    """Refuse who is not, or no longer, in charge.

    :param data: the journal (dict) or None.
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
    seen = data.get('epochs', {}).get(job, -1)
    if data['job'] == job:
        seen = max(seen, data['epoch'])
    if epoch < seen:
        raise errors.NodeError(
            'Epoch %d of job %s is refused because epoch %d was here.'
            % (epoch, job, seen),
            'Another conductor has taken the job over; leave it to that.')


@contextlib.contextmanager
def locked(patience=None):
    """Keep every other process of the program from changing the journal.

    :param patience: seconds after which a process that keeps it is killed;
        None waits for ever.
    """
    paths.make(paths.STATE)
    with _opened(paths.state('lock')) as handle:
        if patience is not None:
            _end_holder(handle, clock.boottime() + patience)
        fcntl.flock(handle, fcntl.LOCK_EX)
        holder = os.path.join(paths.make(paths.RUN), _HOLDER)
        # In memory: a disk that takes nothing keeps nobody from being resumed.
        with contextlib.suppress(OSError), open(holder, 'w') as told:
            told.write('%d %s' % (os.getpid(),
                                  processes.start_time(os.getpid())))
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                os.unlink(holder)


def _opened(path):
    try:
        return open(path, 'a')
    except OSError:
        # What can only be read can be locked.
        return open(path)


def _end_holder(handle, until):
    """Wait for the lock, and kill who still has it in the end."""
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if clock.boottime() >= until:
                break
            time.sleep(0.02)
    with contextlib.suppress(OSError):
        with open(os.path.join(paths.RUN, _HOLDER)) as told:
            pid, _, start = told.read().partition(' ')
        if pid.isdigit() and int(pid) != os.getpid() and (
                processes.start_time(int(pid)) == start):
            os.kill(int(pid), signal.SIGKILL)


@contextlib.contextmanager
def edit(job=None, epoch=None, patience=None, undoing=False):
    """Hold the journal of the open job; without a job: whichever is open.

    It gives a :class:`baas.node.journal_changes.Journal`.

    :param patience: see :func:`locked`.
    :param undoing: True for who only brings the node back: a change that the
        disk does not take, for it is full or read-only, lasts until the next
        boot then. Anybody else goes no further.
    :raises errors.NodeError: no job is open, another is, or the epoch is
        too low.
    """
    with locked(patience):
        data = load()
        if job is not None:
            refuse_stale(data, job, epoch)
        if not is_open(data):
            raise errors.NodeError('No job is open on this node.',
                                   'Run baas-node prepare first.')
        yield _raised(data, job, epoch, undoing)


def _raised(data, job, epoch, undoing=False):
    opened = journal_changes.Journal(
        data, _save_somewhere if undoing else _save)
    if job is not None and epoch > data['epoch']:
        opened.leased(epoch)
    return opened


def _save(data):
    data['revision'] = _revision(data) + 1
    atomic_file.write_json(path(), data)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(spare_path())


def _save_somewhere(data):
    try:
        _save(data)
    except OSError as error:
        print('%s is not written, and %s is until it can be: %s.' % (
            path(), spare_path(), error), file=sys.stderr)
        atomic_file.write_json(spare_path(), data)


def begin(job, epoch, kind):
    """Open the journal of a job, or find it open already.

    :param kind: backup or restore.
    :returns: a copy of the journal (dict).
    :raises errors.NodeError: another job is open or the epoch is too low.
    """
    with locked():
        data = load()
        refuse_stale(data, job, epoch)
        if is_open(data):
            return dict(_raised(data, job, epoch).data)
        fresh = dict(journal_changes.fresh(job, epoch, kind, _seen(data)),
                     format=FORMAT, revision=_revision(data))
        _save(fresh)
        return fresh


def _seen(data):
    if data is None:
        return {}
    seen = dict(data.get('epochs', {}))
    seen.pop(data['job'], None)
    kept = list(seen.items())[-_REMEMBERED:]
    return dict(kept + [(data['job'], data['epoch'])])


def close(job, epoch):
    """Close the journal of a job whose undos are all cleared.

    :raises errors.NodeError: one is pending.
    """
    with locked():
        data = load()
        if data is not None and data['job'] == job:
            journal_changes.Journal(data, _save).closed(epoch)


def mark_healthy(job):
    """Note that the node is as it was, for who releases a job, if its
    journal is open."""
    with locked():
        data = load()
        if is_open(data) and data['job'] == job:
            journal_changes.Journal(data, _save_somewhere).seen_healthy()


def check_epoch(job, epoch, ignore_other_jobs=False):
    """Check the fence, whatever the verb.

    :param ignore_other_jobs: True to ignore an open journal of another job.
    :raises errors.NodeError: the epoch is too low, or another job is open.
    """
    if os.path.exists(path()):
        with locked():
            data = load()
            if ignore_other_jobs and is_open(data) and data['job'] != job:
                return
            refuse_stale(data, job, epoch)
            if is_open(data) and data['job'] == job:
                _raised(data, job, epoch)
