# SPDX-License-Identifier: Apache-2.0
"""The lock on a state folder: of two conductors, the second one does not
start, whatever its name."""
import datetime
import errno
import fcntl
import json
import os
import pathlib
import uuid

from oslo_config import cfg

from baas import errors


class AtWork(errors.BaasError):
    """Another process has the name of this conductor."""
    code = 409
    faultcode = 'baas.conductor.at_work'
    title = 'Conductor at work'
    message = 'Conductor {host} is at work already{who}.'
    hint = ('Stop that one first, or give this one a [conductor] host and a '
            'state_path of its own.')


class StateError(errors.ConfigurationError):
    """The state folder cannot be used."""
    faultcode = 'baas.state.unusable'
    title = 'State folder unusable'


class Lock:
    """Held from the start of a conductor to its end, however that comes: the
    kernel lets go of it.

    :ivar state: id of the state folder (UUID), once the lock is held. Whoever
        else has held this lock is dead.
    """

    def __init__(self, conf=cfg.CONF):
        self._conf = conf
        self._held = []
        self.state = None

    @property
    def path(self):
        """The file (:class:`pathlib.Path`)."""
        return (pathlib.Path(self._conf.state_path)
                / f'conductor-{self._conf.conductor.host}.lock')

    def hold(self, who):
        """Take the lock; again does nothing.

        :param who: what to write into it: pid and machine (dict).
        :raises AtWork: another process has it.
        :raises StateError: the state folder cannot be made or written to.
        """
        if self._held:
            return
        try:
            # That of its name says who of that name is dead; that of the
            # folder keeps out those of other names.
            self.state = self._take(self.path, who)
            self._take(self.path.with_name('state.lock'), who)
        except BaseException:
            self.release()
            raise

    def _take(self, path, who):
        """Take the lock on one file; give what the file says of the state."""
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            self._held.append(descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            state = _read(descriptor).get('state') or str(uuid.uuid4())
            _write(descriptor, {
                **who, 'host': self._conf.conductor.host, 'state': state,
                'since': _now()})
            return state
        except BlockingIOError:
            found = _read(descriptor)
            raise AtWork(
                host=found.get('host') or self._conf.conductor.host,
                who=named(found.get('pid'), found.get('machine'),
                          found.get('since')))
        except OSError as error:
            raise self._unusable(error) from error

    def release(self):
        """Let go of it. The file stays: whoever removes it would remove one
        that somebody has just opened."""
        while self._held:
            os.close(self._held.pop())

    def _unusable(self, error):
        return StateError(
            reason=f'The state folder {self._conf.state_path} cannot be used: '
                   f'{error.filename or self.path}: {error.strerror}',
            remedy='Make room there' if error.errno in (
                errno.ENOSPC, errno.EDQUOT) else
            'Set [DEFAULT] state_path to a folder that the user of the '
            'service can write to')


def named(pid, machine, since):
    """Say in words who holds a name; '' when that is not known."""
    if pid is None:
        return ''
    return f': process {pid} on {machine}, since {since}'


def _now():
    return datetime.datetime.now(datetime.timezone.utc).strftime(
        '%Y-%m-%d %H:%M:%S UTC')


def _read(descriptor):
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        found = json.loads(os.read(descriptor, 4096))
    except ValueError:  # new, or its writer died in the middle
        return {}
    return found if isinstance(found, dict) else {}


def _write(descriptor, values):
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(values).encode(), 0)
    os.fsync(descriptor)
