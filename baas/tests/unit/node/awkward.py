# SPDX-License-Identifier: Apache-2.0
"""Awkward files: one of each thing that a backup may stumble over."""
import os
import socket
import stat
import subprocess

from baas.node.disks import btrfs
from baas.node.filelist import attributes


def run(*words):
    """Run a command that must end well."""
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def put(path, data=b'text\n'):
    """Write a file."""
    with open(path, 'wb') as handle:
        handle.write(data)


def fill(top):
    """Write one of each awkward thing below a folder (bytes)."""
    for name in (b'etc', b'tmp', b'odd', b'flags', b'flags/kept'):
        os.mkdir(os.path.join(top, name))
    fill_names(top)
    fill_special(top)
    fill_content(top)
    fill_subvolumes(top)
    os.chmod(top, 0o751)
    os.chown(top, 0, 9)
    fill_flags(top)


def fill_names(top):
    """Write files of odd names, and one in two folders."""
    def at(*names):
        return os.path.join(top, *names)
    put(at(b'tmp', b'gone'))
    for name in (b'new\nline', b'not\xffutf8', b'[x]*?', b' $HOME ', b'#c',
                 b'\\', b'-rf', 'käse'.encode(), b'n' * 255):
        put(at(b'odd', name), name)
    os.mkdir(at(b'odd', b'folder\n'))
    put(at(b'odd', b'folder\n', b'deep'))
    put(at(b'etc', b'one'))
    os.link(at(b'etc', b'one'), at(b'odd', b'two'))


def fill_special(top):
    """Write what is no file, and owners of all sorts."""
    def at(*names):
        return os.path.join(top, *names)
    os.mkfifo(at(b'pipe'), 0o640)
    os.link(at(b'pipe'), at(b'same-pipe'))
    os.mknod(at(b'null'), 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    os.mknod(at(b'disk'), 0o660 | stat.S_IFBLK, os.makedev(7, 200))
    server = socket.socket(socket.AF_UNIX)
    server.bind(os.fsdecode(at(b'socket')))
    server.close()
    os.chown(at(b'socket'), 4242, 4243)
    os.symlink('/no\nwhere', at(b'link'))
    os.lchown(at(b'link'), 4242, 4243)
    put(at(b'setuid'))
    os.chown(at(b'setuid'), 7, 8)
    os.chmod(at(b'setuid'), 0o6711)


def fill_content(top):
    """Write a sparse file, attributes, access lists and exact times."""
    def at(*names):
        return os.path.join(top, *names)
    with open(at(b'sparse'), 'wb') as handle:
        handle.seek(40 << 20)
        handle.write(os.urandom(5000))
        handle.truncate(90 << 20)
    put(at(b'attributes'))
    os.setxattr(at(b'attributes'), 'user.binary', bytes(range(256)))
    os.setxattr(at(b'attributes'), 'trusted.note', b'root only')
    run('setfacl', '-m', 'u:4242:rw', os.fsdecode(at(b'attributes')))
    run('setfacl', '-m', 'd:u:4242:rwx', os.fsdecode(at(b'etc')))
    os.utime(at(b'etc', b'one'), ns=(1, 1234567890123456789))


def fill_flags(top):
    """Write files with flags; from then on nobody writes there."""
    def at(*names):
        return os.path.join(top, *names)
    put(at(b'flags', b'kept', b'inside'))
    put(at(b'flags', b'append'))
    put(at(b'flags', b'nocow'), b'')
    attributes.set_flags(at(b'flags', b'nocow'), attributes.NOCOW)
    put(at(b'flags', b'nocow'), os.urandom(9000))
    for name, flags in ((b'kept/inside', attributes.IMMUTABLE),
                        (b'kept', attributes.IMMUTABLE | 0x40),
                        (b'append', attributes.APPEND)):
        attributes.set_flags(at(b'flags', name), flags)


def fill_subvolumes(top):
    """Nest subvolumes; their inode numbers repeat."""
    for name in (b'sub\nvolume', b'sub\nvolume/inner', b'etc/deep'):
        path = os.path.join(top, name)
        btrfs.create(path)
        put(os.path.join(path, b'first'))
        os.link(os.path.join(path, b'first'), os.path.join(path, b'again'))
    btrfs.set_read_only(os.path.join(top, b'etc/deep'), True)
