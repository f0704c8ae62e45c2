# SPDX-License-Identifier: Apache-2.0
"""Subvolumes of btrfs by the kernel's own calls: any name is safe."""
import contextlib
import errno
import fcntl
import os
import struct

ROOT_INODE = 256
"""Inode number of the top of every subvolume."""
_TREE_SEARCH = 0xd0009411
_INO_LOOKUP = 0xd0009412
_SNAP_CREATE_V2 = 0x50009417
_SUBVOL_CREATE = 0x5000940e
_SNAP_DESTROY = 0x5000940f
_GETFLAGS = 0x80089419
_SETFLAGS = 0x4008941a
_FS_INFO = 0x8400941f
_READONLY = 1 << 1
_TOP = 5
_ROOT_TREE = 1
_BACKREF = 144
_HEADER = struct.Struct('=QQQII')
_KEY = struct.Struct('=7Q4I4Q')
_MOST = (1 << 64) - 1


@contextlib.contextmanager
def _folder(path):
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def is_subvolume(path):
    """Tell whether a path is the top of a subvolume (on a btrfs)."""
    found = os.lstat(path)
    return found.st_ino == ROOT_INODE


def nested(mountpoint):
    """Find the subvolumes below the one that is mounted somewhere.

    :param mountpoint: path (bytes).
    :returns: sorted list of paths (bytes) relative to the mount point.
    """
    with _folder(mountpoint) as descriptor:
        own = _lookup(descriptor, 0, ROOT_INODE)[0]
        children = {}
        for child, parent, folder, name in _backrefs(descriptor):
            children.setdefault(parent, []).append((child, folder, name))
        found, waiting = [], [(own, b'')]
        while waiting:
            parent, prefix = waiting.pop()
            for child, folder, name in children.get(parent, ()):
                path = prefix + _lookup(descriptor, parent, folder)[1] + name
                found.append(path)
                waiting.append((child, path + b'/'))
    return sorted(found)


def _lookup(descriptor, tree, inode):
    """Give (tree id, path from the top of it, ending in / unless empty)."""
    data = bytearray(4096)
    struct.pack_into('=QQ', data, 0, tree, inode)
    fcntl.ioctl(descriptor, _INO_LOOKUP, data)
    return (struct.unpack_from('=Q', data)[0],
            bytes(data[16:]).split(b'\0', 1)[0])


def _backrefs(descriptor):
    """Yield (subvolume, parent subvolume, folder inode, name)."""
    objectid, offset = _TOP, 0
    while True:
        data = bytearray(4096)
        _KEY.pack_into(data, 0, _ROOT_TREE, objectid, _MOST, offset, _MOST, 0,
                       _MOST, _BACKREF, _BACKREF, 4096, 0, 0, 0, 0, 0)
        fcntl.ioctl(descriptor, _TREE_SEARCH, data)
        count = struct.unpack_from('=I', data, 64)[0]
        if not count:
            return
        place = _KEY.size
        for _ in range(count):
            _, objectid, offset, kind, size = _HEADER.unpack_from(data, place)
            place += _HEADER.size
            if kind == _BACKREF:
                folder, _, length = struct.unpack_from('=QQH', data, place)
                name = bytes(data[place + 18:place + 18 + length])
                yield objectid, offset, folder, name
            place += size
        offset += 1


def _name_arguments(name, before):
    if len(name) > 255 or b'/' in name:
        raise OSError(errno.EINVAL, 'not a name', name)
    return bytearray(before + name).ljust(4096, b'\0')


def snapshot(source, target):
    """Take a read-only snapshot of a subvolume (paths are bytes)."""
    parent, name = os.path.split(target)
    with _folder(source) as origin, _folder(parent) as descriptor:
        before = struct.pack('=qQQ4Q', origin, 0, _READONLY, 0, 0, 0, 0)
        fcntl.ioctl(descriptor, _SNAP_CREATE_V2,
                    _name_arguments(name, before))


def create(path):
    """Make an empty subvolume (path is bytes)."""
    parent, name = os.path.split(path)
    with _folder(parent) as descriptor:
        fcntl.ioctl(descriptor, _SUBVOL_CREATE,
                    _name_arguments(name, struct.pack('=q', 0)))


def delete(path):
    """Delete a subvolume that holds no other one (path is bytes)."""
    parent, name = os.path.split(path)
    with _folder(parent) as descriptor:
        fcntl.ioctl(descriptor, _SNAP_DESTROY,
                    _name_arguments(name, struct.pack('=q', 0)))


def is_read_only(path):
    """Tell whether a subvolume is read-only."""
    data = bytearray(8)
    with _folder(path) as descriptor:
        fcntl.ioctl(descriptor, _GETFLAGS, data)
    return bool(struct.unpack('=Q', data)[0] & _READONLY)


def set_read_only(path, wanted):
    """Make a subvolume read-only or writable."""
    with _folder(path) as descriptor:
        fcntl.ioctl(descriptor, _SETFLAGS,
                    struct.pack('=Q', _READONLY if wanted else 0))


def uuid(path):
    """Give the id of the file system a path is on (str)."""
    data = bytearray(1024)
    with _folder(path) as descriptor:
        fcntl.ioctl(descriptor, _FS_INFO, data)
    text = bytes(data[16:32]).hex()
    return '-'.join((text[:8], text[8:12], text[12:16], text[16:20],
                     text[20:]))


def room(path):
    """Tell how much can still be written.

    What was written counts as used after the next commit, which may be half
    a minute away, and a disk without room for metadata is full however much
    there is for data: statvfs alone tells both too late.

    :returns: (bytes for data, bytes for metadata or None where the kernel
        does not tell).
    """
    found = os.statvfs(path)
    free = found.f_bavail * found.f_frsize
    folder = '/sys/fs/btrfs/%s/allocation' % uuid(path)
    data = [_number(folder, 'data', name) for name in (
        'total_bytes', 'bytes_used', 'bytes_may_use', 'bytes_reserved')]
    meta = [_number(folder, 'metadata', name) for name in (
        'total_bytes', 'bytes_used', 'bytes_reserved', 'disk_total')]
    reserve = _number(folder, 'global_rsv_size')
    if None in data + meta + [reserve]:
        return free, None
    unallocated = max(0, free - (data[0] - data[1]))
    copies = max(1, meta[3] // max(meta[0], 1))
    return (max(0, free - data[2] - data[3]),
            max(0, meta[0] - meta[1] - meta[2] - reserve)
            + unallocated // copies)


def _number(*names):
    try:
        with open(os.path.join(*names)) as handle:
            return int(handle.read())
    except (OSError, ValueError):
        return None  # an old kernel, or data and metadata are mixed
