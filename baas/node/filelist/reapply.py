# SPDX-License-Identifier: Apache-2.0
"""Put back what restic leaves out or cannot keep: sockets, the top folder,
hard links of special files, inode flags, times of folders."""
import errno
import os
import stat

from baas.node.disks import btrfs
from baas.node.filelist import attributes
from baas.node.filelist import fields
from baas.node.filelist import listing
from baas.node.system import syscalls

_EARLY = attributes.NOCOW | 0x4 | 0x400
_LOCKING = attributes.IMMUTABLE | attributes.APPEND
_HOLE = 4096  # bytes: no file system has smaller ones
_EMPTY = bytes(_HOLE)
_PIECE = 1 << 20


def make_subvolumes(root, subvolumes):
    """Make the nested subvolumes before anything is put in them.

    :param root: top of the restored tree (str).
    :param subvolumes: list of {'path', 'read_only'}.
    """
    for one in sorted(subvolumes, key=lambda one: one['path']):
        path = _below(root, one['path'])
        if os.path.isdir(path):
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        try:
            btrfs.create(os.fsencode(path))
        except OSError:
            # Not a btrfs: a folder holds the same files.
            os.mkdir(path)


def seal_subvolumes(root, subvolumes):
    """Make those subvolumes read-only that were."""
    for one in subvolumes:
        if one.get('read_only'):
            path = os.fsencode(_below(root, one['path']))
            if btrfs.is_subvolume(path):
                btrfs.set_read_only(path, True)


def _below(root, path):
    return os.path.join(root, path.lstrip('/'))


def before_content(root, list_path):
    """Set the flags that only work on empty files, and lift those that
    resist writing when a restore is begun again.

    What is made in a folder that has such flags inherits them, and would keep
    them once it has content: what had none of its own, such as journals of
    systemd that are closed, is made without, before anything is in it.

    :param root: top of the tree (bytes).
    """
    passed_on = {}
    for entry in listing.read(list_path):
        if entry[fields.TYPE] not in 'df':
            continue
        flags = entry.get(fields.FLAGS, 0)
        early = flags & _EARLY
        if entry[fields.TYPE] == 'd' and early:
            passed_on[entry[fields.PATH]] = early
        parent = entry[fields.PATH].rpartition('/')[0]
        inherited = passed_on.get(parent, 0) & ~early
        if not flags & (_EARLY | _LOCKING) and not inherited:
            continue
        full = _path(root, entry)
        if os.path.lexists(full):
            attributes.set_flags(full, flags & ~_LOCKING & ~_EARLY
                                 | _early(full, flags))
        elif early or inherited:
            _make_empty(full, entry)
            attributes.set_flags(full, early)


def _early(full, flags):
    found = os.lstat(full)
    empty = stat.S_ISDIR(found.st_mode) or not found.st_size
    if empty:
        return flags & _EARLY
    descriptor = attributes.open_quietly(full)
    try:
        return attributes.get_flags(descriptor) & _EARLY
    finally:
        os.close(descriptor)


def _make_empty(full, entry):
    os.makedirs(os.path.dirname(full), exist_ok=True)
    if entry[fields.TYPE] == 'd':
        os.mkdir(full, 0o700)
    else:
        os.close(os.open(full, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def after_content(root, list_path):
    """Make every file be what its line in the list says.

    :param root: top of the tree (bytes).
    """
    groups = {}
    for entry in listing.read(list_path):
        full = _path(root, entry)
        found = _lstat(full)
        if found is None and entry[fields.TYPE] == 's':
            os.mknod(full, stat.S_IFSOCK | entry[fields.MODE])
            found = os.lstat(full)
        if found is None:
            continue
        if fields.INODE in entry and _link(full, found, groups,
                                           entry[fields.INODE]):
            continue
        _repair(full, found, entry)
    for entry in listing.read(list_path):
        if entry[fields.TYPE] == 'd' or entry.get(fields.FLAGS):
            _finish(_path(root, entry), entry)


def set_time(path, entry):
    """Give a file the time of change its entry tells."""
    found = os.lstat(path)
    if found.st_mtime_ns != entry[fields.TIME]:
        os.utime(path, ns=(found.st_atime_ns, entry[fields.TIME]),
                 follow_symlinks=False)


def _path(root, entry):
    path = attributes.raw(entry[fields.PATH])
    return os.path.join(root, path) if path else root


def _lstat(path):
    try:
        return os.lstat(path)
    except OSError:
        return None


def _link(full, found, groups, group):
    """Make names of one inode names of one inode; True when relinked."""
    first = groups.setdefault(group, full)
    if first == full:
        return False
    origin = os.lstat(first)
    if (origin.st_dev, origin.st_ino) == (found.st_dev, found.st_ino):
        return True
    os.unlink(full)
    os.link(first, full, follow_symlinks=False)
    return True


def _repair(full, found, entry):
    # First of all: to change a file takes capabilities away from it.
    if found.st_blocks * 512 > entry.get(fields.DISK, found.st_blocks * 512):
        _dig(full)
    owner, group = entry[fields.OWNER], entry[fields.GROUP]
    if (found.st_uid, found.st_gid) != (owner, group):
        os.chown(full, owner, group, follow_symlinks=False)
        found = os.lstat(full)
    mode = entry[fields.MODE]
    if entry[fields.TYPE] != 'l' and stat.S_IMODE(found.st_mode) != mode:
        os.chmod(full, mode)
    wanted, now = entry.get(fields.XATTRS, {}), attributes.attributes(full)
    for name in now:
        if name not in wanted:
            os.removexattr(full, name, follow_symlinks=False)
    for name, value in wanted.items():
        if now.get(name) != value:
            os.setxattr(full, name, bytes.fromhex(value),
                        follow_symlinks=False)
    if entry[fields.TYPE] != 'd':
        set_time(full, entry)


def _dig(full):
    """Make holes of all zeros in a file: restic leaves out those alone that
    begin one of its pieces, and fills the others."""
    with open(full, 'r+b', buffering=0) as handle:
        descriptor, place = handle.fileno(), 0
        while True:
            try:
                place = os.lseek(descriptor, place, os.SEEK_DATA)
            except OSError:
                return  # there are no data behind it
            place -= place % _HOLE
            piece = os.pread(descriptor, _PIECE, place)
            for start, length in _zeros(piece):
                try:
                    syscalls.punch(descriptor, place + start, length)
                except OSError as error:  # pragma: no cover - no such disk
                    if error.errno != errno.EOPNOTSUPP:
                        raise
                    return  # the comparison tells whether that matters
            place += len(piece)


def _zeros(piece):
    """Give (start, length) of each run of blocks without anything."""
    start = None
    for place in range(0, len(piece) + 1, _HOLE):
        block = piece[place:place + _HOLE]
        if block == _EMPTY:
            start = place if start is None else start
        elif start is not None:
            yield start, place - start
            start = None


def _finish(full, entry):
    """Set what later work would undo or be kept out by: times, then flags."""
    if not os.path.lexists(full):
        return
    if entry[fields.TYPE] == 'd':
        set_time(full, entry)
    if entry[fields.TYPE] in 'df':
        descriptor = attributes.open_quietly(full)
        try:
            now = attributes.get_flags(descriptor)
        finally:
            os.close(descriptor)
        if now != entry.get(fields.FLAGS, 0):
            attributes.set_flags(full, entry.get(fields.FLAGS, 0))
