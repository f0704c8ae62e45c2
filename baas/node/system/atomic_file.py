# SPDX-License-Identifier: Apache-2.0
"""Files that are whole on disk, or not there at all."""
import errno
import json
import os

from baas.node.system import syscalls

_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)
_NO_CARE = (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS)


def write(path, text, mode=0o600, sync=True):
    """Put a file in place in one move.

    :param path: where (str); its folder exists.
    :param text: what (str or bytes).
    :param mode: permissions of the file.
    :param sync: True when it must survive a power cut from now on.
    """
    temporary = '%s.new.%d' % (path, os.getpid())
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
                         mode)
    with os.fdopen(descriptor, 'wb' if isinstance(text, bytes) else 'w') \
            as handle:
        handle.write(text)
        handle.flush()
        if sync:
            os.fsync(descriptor)
    os.rename(temporary, path)
    if sync:
        sync_folder(os.path.dirname(path))


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
    except OSError:
        return False


def write_json(path, value, sync=True):
    """Put a value in place as JSON, in one move."""
    write(path, json.dumps(value, sort_keys=True) + '\n', sync=sync)


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
    sync_folder(os.path.dirname(path))


def sync_folder(path):
    """Make what was created, renamed or removed in a folder last."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
