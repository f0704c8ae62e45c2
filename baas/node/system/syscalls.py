# SPDX-License-Identifier: Apache-2.0
"""Calls of the kernel that Python 3.6 has no function for."""
import ctypes
import errno
import os
import signal

_LIBC = ctypes.CDLL(None, use_errno=True)
_NEWNS = 0x00020000
_BIND = 4096
_REMOUNT = 32
_READONLY = 1
_DETACH = 2
_PRIVATE = (1 << 18) | 16384
_HERE = -100  # AT_FDCWD
_KEEP = 1  # RENAME_NOREPLACE
_PUNCH = 0x3  # FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, fallocate(2)


def _check(result, what):
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def own_mounts():
    """Give this process mounts of its own; they end with it."""
    _check(_LIBC.unshare(_NEWNS), 'unshare')
    _check(_LIBC.mount(None, b'/', None, ctypes.c_ulong(_PRIVATE), None),
           'mount')


def bind(source, target, read_only=False):
    """Show a folder at another place (paths are bytes)."""
    _check(_LIBC.mount(source, target, None, ctypes.c_ulong(_BIND), None),
           target)
    if read_only:
        flags = ctypes.c_ulong(_BIND | _REMOUNT | _READONLY)
        _check(_LIBC.mount(None, target, None, flags, None), target)


def mount(device, target, kind, options):
    """Mount a file system read-only (paths are bytes).

    :param kind: of the file system (str).
    :param options: its own ones, with commas between them (str).
    """
    _check(_LIBC.mount(device, target, os.fsencode(kind),
                       ctypes.c_ulong(_READONLY), os.fsencode(options)),
           target)


def detach(target):
    """Take away what is mounted somewhere (bytes), and all below it."""
    _check(_LIBC.umount2(target, _DETACH), target)


def die_with_parent():  # pragma: no cover - between fork and exec
    """Be told to end when the parent dies; for a child before it starts."""
    _LIBC.prctl(1, signal.SIGTERM, 0, 0, 0)


def sync(path):
    """Write all that waits for a file system to its disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _check(_LIBC.syncfs(descriptor), path)
    finally:
        os.close(descriptor)


def rename(path, name):
    """Rename a file unless there is one of that name.

    :raises FileExistsError: there is one; both stay as they are.
    :raises OSError: so with EINVAL or ENOSYS where the file system or the
        system cannot do that.
    """
    call = getattr(_LIBC, 'renameat2', None)
    if call is None:  # pragma: no cover - an old libc
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), name)
    _check(call(_HERE, os.fsencode(path), _HERE, os.fsencode(name),
                ctypes.c_uint(_KEEP)), name)


def punch(descriptor, start, length):
    """Make a hole of a part of a file; its size stays.

    :raises OSError: its file system has no holes.
    """
    _check(_LIBC.fallocate(descriptor, _PUNCH, ctypes.c_int64(start),
                           ctypes.c_int64(length)), 'fallocate')


def children(pid):
    """List the processes that a process has started and that still run.

    Each of its threads has its own, see children in proc(5).
    """
    found = []
    try:
        for thread in os.listdir('/proc/%d/task' % pid):
            with open('/proc/%d/task/%s/children' % (pid, thread)) as handle:
                found += [int(child) for child in handle.read().split()]
    except OSError:
        return []  # it has ended meanwhile
    return [child for child in found if not _is_dead(child)]


def _is_dead(pid):
    try:
        with open('/proc/%d/stat' % pid) as handle:
            return handle.read().rpartition(')')[2].split()[0] in 'ZX'
    except OSError:  # pragma: no cover - it ends meanwhile
        return True
