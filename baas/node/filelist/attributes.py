# SPDX-License-Identifier: Apache-2.0
"""All that a file is beside its content: read it, describe it, hash it."""
import errno
import fcntl
import hashlib
import os
import stat
import struct

from baas.node.filelist import fields

TYPES = {stat.S_IFREG: 'f', stat.S_IFDIR: 'd', stat.S_IFLNK: 'l',
         stat.S_IFCHR: 'c', stat.S_IFBLK: 'b', stat.S_IFIFO: 'p',
         stat.S_IFSOCK: 's'}
"""Kind of a file: the letter in the list."""
KEPT_FLAGS = (0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x20 | 0x40 | 0x80 | 0x400
              | 0x4000 | 0x8000 | 0x10000 | 0x20000 | 0x800000)
"""Inode flags that a user sets; the others tell of the file system."""
IMMUTABLE = 0x10
APPEND = 0x20
NOCOW = 0x800000
_GETFLAGS = 0x80086601
_SETFLAGS = 0x40086602
_BLOCK = 1 << 20
_ZEROS = memoryview(bytes(_BLOCK))
_QUIET = (errno.ENOTTY, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS)


def open_quietly(path):
    """Open a file or folder to read without leaving a trace on it."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(path, flags | os.O_NOATIME)
    except PermissionError:
        return os.open(path, flags)


def get_flags(descriptor):
    """Give the inode flags that are worth keeping (int)."""
    data = bytearray(8)
    try:
        fcntl.ioctl(descriptor, _GETFLAGS, data)
    except OSError as error:
        if error.errno in _QUIET:
            return 0
        raise
    return struct.unpack_from('=I', data)[0] & KEPT_FLAGS


def set_flags(path, flags):
    """Give a file or folder inode flags, leaving the system's own alone."""
    descriptor = open_quietly(path)
    try:
        data = bytearray(8)
        fcntl.ioctl(descriptor, _GETFLAGS, data)
        now = struct.unpack_from('=I', data)[0]
        wanted = (now & ~KEPT_FLAGS) | flags
        if wanted != now:
            fcntl.ioctl(descriptor, _SETFLAGS, struct.pack('=Q', wanted))
    finally:
        os.close(descriptor)


def attributes(path):
    """Give the extended attributes, access lists included: {name: hex}."""
    try:
        names = os.listxattr(path, follow_symlinks=False)
    except OSError as error:
        if error.errno in _QUIET:
            return {}  # pragma: no cover - no vfat here
        raise
    return {name: os.getxattr(path, name, follow_symlinks=False).hex()
            for name in names}


def is_sparse(found):
    """Tell whether a file has holes worth restoring."""
    return (stat.S_ISREG(found.st_mode)
            and found.st_blocks * 512 + 4096 <= found.st_size)


def describe(path, found):
    """Describe what one lstat and a readlink tell: a line of the list.

    :param path: where it is (bytes).
    :param found: its lstat.
    :returns: dict, as of :mod:`baas.node.filelist.fields`, without path,
        content, extended attributes and flags.
    """
    kind = TYPES[stat.S_IFMT(found.st_mode)]
    entry = {fields.TYPE: kind, fields.MODE: stat.S_IMODE(found.st_mode),
             fields.OWNER: found.st_uid, fields.GROUP: found.st_gid,
             fields.TIME: found.st_mtime_ns,
             fields.SIZE: found.st_size if kind in 'fl' else 0}
    if kind == 'l':
        entry[fields.POINTS_TO] = text(os.readlink(path))
    if kind in 'cb':
        entry[fields.DEVICE] = [os.major(found.st_rdev),
                                os.minor(found.st_rdev)]
    if found.st_nlink > 1 and kind != 'd':
        entry[fields.INODE] = found.st_ino
    if kind == 'f' and is_sparse(found):
        entry[fields.DISK] = found.st_blocks * 512
    return entry


def sha256(descriptor, size, sparse):
    """Hash the content of an open file; holes are not read.

    :param size: size by lstat; reading ends at the end of the file.
    :returns: hexadecimal digest (str).
    """
    digest = hashlib.sha256()
    buffer = bytearray(min(_BLOCK, max(size, 1)))
    window = memoryview(buffer)
    if not sparse:
        _read(descriptor, digest, window, None)
        return digest.hexdigest()
    place = 0
    while place < size:
        try:
            data = os.lseek(descriptor, place, os.SEEK_DATA)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            data = size
        _zeros(digest, data - place)
        place = data
        if place < size:
            end = os.lseek(descriptor, place, os.SEEK_HOLE)
            os.lseek(descriptor, place, os.SEEK_SET)
            _read(descriptor, digest, window, end - place)
            place = end
    return digest.hexdigest()


def _read(descriptor, digest, window, left):
    while left is None or left > 0:
        part = window if left is None else window[:left]
        got = os.readv(descriptor, [part])
        if not got:
            return
        digest.update(part[:got])
        if left is not None:
            left -= got


def _zeros(digest, left):
    while left > 0:
        part = _ZEROS[:left]
        digest.update(part)
        left -= len(part)


def text(name):
    """Turn bytes of a name into what a line of the list holds."""
    return name.decode('utf-8', 'surrogateescape')


def raw(name):
    """Turn what a line of the list holds into the bytes of the name."""
    return name.encode('utf-8', 'surrogateescape')
