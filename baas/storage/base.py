# SPDX-License-Identifier: Apache-2.0
"""What every kind of storage can do."""
import abc
import contextlib
import dataclasses
import errno
import secrets
import urllib.parse

from baas import errors


class StorageError(errors.BaasError):
    """The storage did not do what it was asked to."""
    code = 503
    faultcode = 'baas.storage.failed'
    title = 'Storage error'
    message = 'Storage {storage}: {reason}.'
    hint = '{remedy}.'

    @property
    def cause(self):
        """The one sentence of what is wrong."""
        return str(self)


class Exists(StorageError):
    """There is an object of that name; objects are never overwritten."""
    code = 409
    faultcode = 'baas.storage.exists'
    title = 'Stored already'


class Missing(StorageError):
    """There is no object of that name."""
    code = 404
    faultcode = 'baas.storage.missing'
    title = 'Not stored'


class ReadOnly(StorageError):
    """What is stored is another's: it is read, and nothing else."""
    code = 409
    faultcode = 'baas.storage.read_only'
    title = 'Storage read-only'


class InvalidName(StorageError):
    """No object can be called so."""
    code = 400
    faultcode = 'baas.storage.invalid_name'
    title = 'Invalid name'


_FULL = (StorageError, 'cannot be written: the storage is full',
         'Make space: delete backups or enlarge the storage')
_DENIED = (StorageError, 'cannot be used: {error.strerror}',
           'Let the service read and write there, and look whether the '
           'storage is mounted read-only')
_ABSENT = (Missing, 'does not exist',
           'Look whether the storage is mounted and whole')
_LINKLESS = (StorageError, 'cannot be written: {error.strerror}',
             'Keep backups on a file system that has hard links')
_MEANINGS = {errno.EOPNOTSUPP: _LINKLESS,
             errno.EEXIST: (Exists, 'is stored already', 'Keep it'),
             errno.ENOENT: _ABSENT, errno.ENOTDIR: _ABSENT,
             errno.ENOSPC: _FULL, errno.EDQUOT: _FULL,
             errno.EROFS: _DENIED, errno.EACCES: _DENIED,
             errno.EPERM: _DENIED}
_UNKNOWN = (StorageError, 'failed: {text}',
            'Look whether the storage is whole and can be reached')


@dataclasses.dataclass(frozen=True)
class Entry:
    """One stored object.

    :ivar name: path below the root of the storage, parts divided by ``/``.
    :ivar size: in bytes.
    """
    name: str
    size: int


class Storage(abc.ABC):
    """A place that holds backups; one class a kind, all alike in use.

    An object has a name like ``controller-0/manifests/1234.json``. Methods
    that reach for the storage raise :class:`StorageError`. An instance may
    be used by several threads at once.

    :param conf: an oslo.config ConfigOpts with the section of the driver.
    :param cloud: id of the cloud (str) whose folder below the configured one
        is the root; None for the configured folder itself. The configured
        folder is never made, the one of the cloud is where it is missing.
    """
    failures = (OSError,)
    """What operations of the driver raise, to be explained."""
    read_only = False
    """True where it is the folder of another cloud, or of all of them: each
    method that changes what is stored begins with :meth:`demand_writable`."""

    @property
    @abc.abstractmethod
    def location(self):
        """URL of the root (str), without any secret."""

    @abc.abstractmethod
    def repository(self, node):
        """Give what restic takes as ``-r`` for the repository of a node."""

    def node_repository(self, node):
        """Give the same as a node takes it, where ``{share}`` stands for the
        folder at which it has mounted :meth:`share`."""
        return self.repository(node)

    def share(self):
        """Give what a node mounts to reach the storage.

        :returns: {host, export, options}, or None when there is nothing to
            mount.
        """
        return None

    @abc.abstractmethod
    def store(self):
        """Give what a node needs to write objects by itself.

        :returns: {'kind': 'folder', 'path'} or {'kind': 'sftp', 'host',
            'port', 'user', 'path', 'ssh': list of words}; ``{run}`` stands
            for the folder of :meth:`credentials`, ``{share}`` as above. The
            kinds are in ``baas/node/stores``.
        """

    @abc.abstractmethod
    def restic_args(self, run):
        """Give further arguments for restic.

        :param run: folder in which the files of :meth:`credentials` lie; on
            nodes, where the folder is known only there, the text ``{run}``.
        :returns: list of str.
        """

    @abc.abstractmethod
    def credentials(self):
        """Give the secret files that restic needs to reach the storage.

        :returns: mapping of file name in the folder ``run`` to the path of
            the file on the conductor.
        """

    @abc.abstractmethod
    def node_facts(self):
        """Give what a node needs to check the storage from its side.

        :returns: {kind, path, host}; without a host (None) path is a folder
            that each node must have.
        """

    @abc.abstractmethod
    def check(self):
        """Make sure that the right storage is reached and can be written, and
        make the folder of the cloud, in which nodes write.

        :raises ReadOnly: it is the folder of another cloud.
        """

    @abc.abstractmethod
    def free(self):
        """Give the free space in bytes, None when it cannot be known."""

    @abc.abstractmethod
    def nodes(self):
        """List the names of the nodes that something is stored of."""

    @abc.abstractmethod
    def list(self, prefix):
        """List what is stored in a folder and the folders below.

        What is being written, or was when its writer died, is not shown.

        :param prefix: name of the folder; one that does not exist is empty.
        :returns: iterator of :class:`Entry`, in no order.
        """

    @abc.abstractmethod
    def open(self, name):
        """Open an object for reading.

        :returns: binary file (:class:`io.RawIOBase`), a context manager.
        :raises Missing: there is no such object.
        """

    @abc.abstractmethod
    def write(self, name, data):
        """Store an object as a whole, durably, or not at all.

        :param data: bytes.
        :raises Exists: there is such an object; it stays as it is.
        :raises ReadOnly: see :attr:`read_only`, as for all that follow.
        """

    @abc.abstractmethod
    def delete(self, name):
        """Delete an object; that there is none is no error."""

    @abc.abstractmethod
    def drop(self, name):
        """Delete a folder with all that is in it, and what is being written
        there; that there is none is no error.

        :param name: name of the folder.
        """

    def close(self):
        """Close what is open; the storage can be used again."""

    def demand_writable(self):
        """Refuse to change what is stored of other clouds.

        :raises ReadOnly: it is.
        """
        if self.read_only:
            raise ReadOnly(
                storage=self.location,
                reason='It is not the folder of this cloud, and is only read',
                remedy='Change what is stored there with the service that it '
                       'is of')

    def url(self, node):
        """Give the URL of all that is stored of a node, without secrets."""
        return f'{self.location}/{urllib.parse.quote(checked(self, node))}'

    def explain(self, error, name=None):
        """Make a :class:`StorageError` of what an operation raised.

        :param error: one of :attr:`failures`.
        :param name: name of the object, None for the storage itself.
        """
        kind, reason, remedy = _MEANINGS.get(
            getattr(error, 'errno', None), _UNKNOWN)
        reason = reason.format(
            error=error, text=str(error) or type(error).__name__)
        return (kind if name else StorageError)(
            storage=self.location, remedy=remedy,
            reason=f'{name or "The folder"} {reason}')

    @contextlib.contextmanager
    def explained(self, name=None):
        """Let failures of the body leave as :class:`StorageError`."""
        try:
            yield
        except self.failures as error:
            raise self.explain(error, name) from error


def checked(storage, name):
    """Refuse a name that could lead out of the storage.

    :returns: the name.
    :raises InvalidName: a part is empty or begins with a dot, or it has
        control characters.
    """
    if (not isinstance(name, str) or not name.isprintable()
            or any(not part or part[0] == '.' for part in name.split('/'))):
        raise InvalidName(
            storage=storage.location,
            reason=f'Nothing can be called {name!r}',
            remedy='Use parts that neither are empty nor begin with a dot, '
                   'divided by a slash')
    return name


def hidden(name):
    """Make a temporary name in the same folder, which lists do not show."""
    folder, _, last = name.rpartition('/')
    return f'{folder}/.{last}.{secrets.token_hex(6)}'
