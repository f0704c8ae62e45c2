# SPDX-License-Identifier: Apache-2.0
"""Files that are whole on disk, or not there at all."""
import binascii
import contextlib
import errno
import json
import os
import stat

from baas.node.system import syscalls

_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)
_NO_CARE = (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS)
_LABEL = 'security.selinux'


def write(path, content, mode=0o600, sync=True, beside=None):
    """Put a file in place in one move, over one that is there.

    Whoever looks, also after a kill at any point, finds the file as it was
    or as it is to be. What a kill leaves is another file, ``<path>.new.*``.

    :param path: where (str or path-like); its folder exists.
    :param content: what (bytes, or str that is written as UTF-8).
    :param mode: permissions of the file, whatever the umask.
    :param sync: True when it must survive a power cut from now on.
    :param beside: name of that other file, for who is to find it again; it
        is replaced, and only one process at a time may write by that name.
    :raises OSError: it failed; the file is as it was.
    """
    with _written(path, content, mode, sync, beside) as temporary:
        os.rename(temporary, path)
    if sync:
        sync_folder(_folder(path))


def create(path, content, mode=0o600, beside=None):
    """Put a file in place in one move, unless there is one.

    As :func:`write`, but for what is there, which stays.

    :raises FileExistsError: there is something of that name; it stays.
    :raises OSError: it failed, see :func:`publish` too; nothing is there.
    """
    with _written(path, content, mode, True, beside) as temporary:
        publish(temporary, path)
    sync_folder(_folder(path))


def replace(path, content, aside=None):
    """Put a file in the place of another, in one move: with its owner, its
    mode and its SELinux label.

    :param path: of the file that is there; a link is replaced itself.
    :param content: as of :func:`write`.
    :param aside: another name that the old one is to have from now on; what
        has that name is lost.
    :raises OSError: it failed; the file is as it was.
    """
    old, label = os.stat(path), _label(path)
    with _written(path, content, 0o600, True, None) as temporary:
        os.chown(temporary, old.st_uid, old.st_gid)
        os.chmod(temporary, stat.S_IMODE(old.st_mode))
        if label:
            os.setxattr(temporary, _LABEL, label)
        if aside:
            _discard(aside)
            os.link(path, aside)
        os.rename(temporary, path)
    sync_folder(_folder(path))


def _label(path):
    try:
        return os.getxattr(path, _LABEL)
    except OSError:
        return None


@contextlib.contextmanager
def _written(path, content, mode, sync, beside):
    """Give the name of a file beside a path with all that is to be in it."""
    if isinstance(content, str):
        # Names of files that are no UTF-8 are written back as they were.
        content = content.encode('utf-8', 'surrogateescape')
    temporary = beside or '%s.new.%s' % (
        os.fspath(path), binascii.hexlify(os.urandom(6)).decode())
    _discard(temporary)
    try:
        descriptor = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, 'wb') as handle:
            handle.write(content)
            handle.flush()
            os.fchmod(descriptor, mode)
            if sync:
                os.fsync(descriptor)
        yield temporary
    except BaseException:
        _discard(temporary)
        raise


def _discard(path):
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def _folder(path):
    return os.path.dirname(os.path.abspath(path))


def publish(path, name):
    """Give a file that is whole its name, and never overwrite another.

    The file has no other name afterwards. Its folder is not synced.

    :raises FileExistsError: there is something of that name; it stays.
    :raises OSError: the file system can neither link nor rename without
        overwriting (EOPNOTSUPP), or what else failed; the file stays.
    """
    try:
        os.link(path, name)
    except OSError as error:
        # An answer of a server that got lost is asked for again, and then
        # the link that was made is in its own way.
        if error.errno == errno.EEXIST and _is_same(path, name):
            os.unlink(path)
            return
        if error.errno not in _NO_LINKS:
            raise
    else:
        os.unlink(path)
        return
    try:
        syscalls.rename(path, name)
    except OSError as error:
        if error.errno not in _NO_CARE:
            raise
        # To look first and then rename would overwrite who is faster.
        raise OSError(
            errno.EOPNOTSUPP, 'the file system has neither hard links nor a '
            'rename that keeps what is there', name)


def _is_same(path, name):
    try:
        return os.path.samestat(os.lstat(path), os.lstat(name))
    except OSError:  # pragma: no cover - it vanishes meanwhile
        return False


def write_json(path, value, mode=0o600, sync=True):
    """Put a value in place as JSON, see :func:`write`."""
    write(path, json.dumps(value, sort_keys=True) + '\n', mode, sync)


def read_json(path):
    """Read a value back, or None when there is no such file."""
    try:
        with open(path) as handle:
            return json.load(handle)
    except FileNotFoundError:
        return None


def remove(path):
    """Remove a file if it is there, and make that last."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    sync_folder(_folder(path))


def sync_folder(path):
    """Make what was created, renamed or removed in a folder last."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
