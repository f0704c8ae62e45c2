# SPDX-License-Identifier: Apache-2.0
"""Damages, and the word by which a comparison must name each of them."""
import os
import shutil
import stat

from baas.node.filelist import attributes
from baas.tests.unit.node import awkward


def _rewrite(path):
    when = os.lstat(path).st_mtime_ns
    with open(path, 'r+b') as handle:
        handle.write(b'T')
    os.utime(path, ns=(when, when))


def _fill_holes(path):
    when = os.lstat(path).st_mtime_ns
    with open(path, 'r+b') as handle:
        handle.write(bytes(20 << 20))
    os.utime(path, ns=(when, when))


def _relink(path):
    os.unlink(path)
    os.symlink('elsewhere', path)


def _copy_link(path):
    os.rename(path, path + b'.old')
    shutil.copy2(path + b'.old', path)


def _other_device(path):
    os.unlink(path)
    os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))


def _grow(path):
    with open(path, 'ab') as handle:
        handle.write(b'more')


DAMAGES = (
    # First, because what others do to names changes its time.
    ('', 'mode', lambda path: os.chmod(path, 0o700)),
    ('odd/new\nline', 'content differs', _rewrite),
    ('odd/-rf', 'size', _grow),
    ('setuid', 'mode', lambda path: os.chmod(path, 0o755)),
    ('attributes', 'owner', lambda path: os.chown(path, 1, -1)),
    ('socket', 'group', lambda path: os.chown(path, -1, 1)),
    ('pipe', 'hard link', lambda path: (
        os.unlink(path), os.mkfifo(path, 0o640))),
    ('etc/one', 'hard link', _copy_link),
    ('odd/[x]*?', 'time of change', lambda path: os.utime(path, ns=(0, 0))),
    ('link', 'points to', _relink),
    ('null', 'device', _other_device),
    ('disk', 'missing', os.unlink),
    ('sparse', 'not sparse', _fill_holes),
    ('sub\nvolume/first', 'attributes differ: user.new',
     lambda path: os.setxattr(path, 'user.new', b'')),
    ('odd/\\', 'system.posix_acl_access', lambda path: awkward.run(
        'setfacl', '-m', 'u:77:r', os.fsdecode(path))),
    ('flags/append', 'flags', lambda path: attributes.set_flags(path, 0)),
    ('flags/kept', 'flags', lambda path: attributes.set_flags(path, 0x40)),
    ('odd/folder\n', 'of type', lambda path: (
        shutil.rmtree(path), awkward.put(path))),
)
"""Path, a word the comparison must say, and what is done to the file."""
