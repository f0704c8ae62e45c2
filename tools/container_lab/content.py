"""Awkward files, the same in every lab: all that a backup may stumble over. Runs inside a machine."""

import os
import pathlib
import random
import shutil
import socket
import stat
import subprocess
import sys

MIB = 1 << 20
RANDOM = random.Random('baas-lab')
WHEN = 1_700_000_000


def run(*command):
    """Run a command and fail with it."""
    subprocess.run(command, check=True)


def on_btrfs(top):
    """Tell whether a folder is on btrfs."""
    return subprocess.run(['stat', '--file-system', '--format=%T', str(top)], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip() == 'btrfs'


def data(top):
    """Write about 150 MiB: random bytes, text, and thousands of small files."""
    folder = top / 'data'
    folder.mkdir()
    for number in range(9):
        (folder / f'random-{number}.bin').write_bytes(RANDOM.randbytes(8 * MIB))
    for number in range(8):
        line = f'compressible line of file {number}\n'
        (folder / f'text-{number}.log').write_text(line * (9 * MIB // len(line)))
    for number in range(2000):
        parent = folder / 'small' / f'{number % 20:02d}'
        parent.mkdir(parents=True, exist_ok=True)
        (parent / f'{number:04d}').write_bytes(RANDOM.randbytes(RANDOM.randrange(0, 6000)))


def links(top):
    """Write hard links within and across folders, and symbolic links that dangle or are absolute."""
    folder = top / 'links'
    (folder / 'other').mkdir(parents=True)
    (folder / 'first').write_text('one inode, four names\n')
    for name in ('second', 'third', 'other/fourth'):
        os.link(folder / 'first', folder / name)
    os.symlink('/nowhere/at/all', folder / 'dangling')
    os.symlink('/etc/hostname', folder / 'absolute')
    os.symlink('../data', folder / 'relative')
    os.symlink('itself', folder / 'itself')
    # XFS takes 1,023 bytes, btrfs 4,095.
    os.symlink('x' * (4000 if on_btrfs(top) else 1000), folder / 'long-target')
    os.lchown(folder / 'dangling', 4242, 4242)


def sparse(top):
    """Write a file that looks like 256 MiB and holds 1 MiB, and one that ends in a hole."""
    with open(top / 'sparse', 'wb') as handle:
        handle.seek(128 * MIB)
        handle.write(RANDOM.randbytes(MIB))
        handle.truncate(256 * MIB)
    with open(top / 'sparse-tail', 'wb') as handle:
        handle.write(b'head')
        handle.truncate(64 * MIB)


def attributes(top):
    """Write extended attributes, a file capability and access lists."""
    folder = top / 'attributes'
    folder.mkdir()
    plain = folder / 'plain'
    plain.write_text('has attributes\n')
    os.setxattr(plain, 'user.comment', 'käse'.encode())
    os.setxattr(plain, 'user.binary', bytes(range(256)))
    os.setxattr(plain, 'user.empty', b'')
    os.setxattr(plain, 'trusted.overlay.note', b'only root sees this')
    shutil.copy('/bin/cat', folder / 'capable')
    run('setcap', 'cap_net_bind_service,cap_net_raw+ep', str(folder / 'capable'))
    (folder / 'acl').write_text('has an access list\n')
    run('setfacl', '-m', 'u:4242:rw,g:4243:r,m::rw', str(folder / 'acl'))
    (folder / 'acl-dir').mkdir()
    run('setfacl', '-m', 'u:4242:rwx,d:u:4242:rwx,d:g::r-x,d:o::---', str(folder / 'acl-dir'))
    (folder / 'acl-dir' / 'inherits').write_text('inherited\n')
    os.setxattr(folder / 'acl-dir', 'user.on-a-folder', b'yes')


def special(top):
    """Write devices, a FIFO, a socket, and files with odd modes and owners."""
    folder = top / 'special'
    folder.mkdir()
    os.mknod(folder / 'null', 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    os.mknod(folder / 'loop', 0o660 | stat.S_IFBLK, os.makedev(7, 200))
    os.mkfifo(folder / 'fifo', 0o640)
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(folder / 'socket'))
    server.close()
    for name, mode in (('setuid', 0o4755), ('setgid', 0o2755), ('no-mode', 0o000), ('all', 0o7777)):
        shutil.copy('/bin/true', folder / name)
        os.chown(folder / name, 0, 0)
        os.chmod(folder / name, mode)
    (folder / 'sticky').mkdir()
    os.chmod(folder / 'sticky', 0o1777)
    (folder / 'odd-owner').write_text('nobody here has this uid\n')
    os.chown(folder / 'odd-owner', 4242, 4243)
    (folder / 'high-owner').write_text('a uid above 31 bits\n')
    os.chown(folder / 'high-owner', 4_000_000_000, 4_000_000_000)


def names(top):
    """Write files whose names break careless scripts."""
    folder = os.fsencode(top / 'names')
    os.mkdir(folder)
    odd = [b'new\nline', b'quote\'single', b'quote"double', b'-rf', b'--delete', b' leading', b'trailing ',
           b'tab\there', b'not\xff\xfeutf8', 'käse-\u6587\u4ef6-\U0001f40b'.encode(), 'cafe\u0301'.encode(),
           'caf\u00e9'.encode(), b'back\\slash', b'$(touch pwned)', b'`id`', b'star*', b'[a]', b'{b}', b'~', b'a;b|c&d',
           b'#hash', b'!bang', b'...', b'n' * 255, b'\x01\x7f', b'{{ jinja }}', b'%s%n', b'CON']
    for name in odd:
        with open(os.path.join(folder, name), 'wb') as handle:
            handle.write(name)
    os.mkdir(os.path.join(folder, b'folder with\nnewline'))
    with open(os.path.join(folder, b'folder with\nnewline', b' x '), 'wb') as handle:
        handle.write(b'inside\n')
    deep = folder
    for _ in range(12):
        deep = os.path.join(deep, b'd' * 200)
        # A path of more than 2,000 bytes, still openable at once.
        os.mkdir(deep)
    os.mkdir(os.path.join(folder, b'empty'))
    os.makedirs(os.path.join(folder, b'empty-nest', b'a', b'b'))


def times(top):
    """Write files from before, the start and beyond the end of 32-bit time."""
    folder = top / 'times'
    folder.mkdir()
    for name, when in (('epoch', 0), ('1970', 86_400), ('2038', 2_200_000_000), ('2106', 4_300_000_000)):
        (folder / name).write_text(name)
        os.utime(folder / name, (when, when))
    (folder / 'nanoseconds').write_text('ns')
    os.utime(folder / 'nanoseconds', ns=(WHEN * 10**9 + 123_456_789, WHEN * 10**9 + 987_654_321))
    os.mkdir(folder / 'old-folder')
    os.utime(folder / 'old-folder', (1000, 1000))


def subvolumes(top):
    """Write a nested subvolume with another one in it."""
    if not on_btrfs(top):
        return
    for place in (top / 'subvol', top / 'subvol' / 'inner'):
        run('btrfs', '-q', 'subvolume', 'create', str(place))
        for number in range(10):
            (place / f'file-{number}').write_bytes(RANDOM.randbytes(20_000))
    os.chown(top / 'subvol' / 'inner', 4242, 4242)


def flags(top):
    """Write the files that get flags, and one that must have its flag while it is empty."""
    folder = top / 'flags'
    (folder / 'immutable-dir').mkdir(parents=True)
    for name in ('immutable', 'append', 'nodump', 'immutable-dir/inside'):
        (folder / name).write_text(f'{name}\n')
    (folder / 'nocow').touch()
    if on_btrfs(top):
        run('chattr', '+C', str(folder / 'nocow'))
    (folder / 'nocow').write_bytes(RANDOM.randbytes(100_000))


def lock(top):
    """Set the immutable, append-only and nodump flags; last, such files resist all else."""
    for flag, name in (('+i', 'immutable'), ('+a', 'append'), ('+d', 'nodump'), ('+i', 'immutable-dir')):
        run('chattr', flag, str(top / 'flags' / name))


def settle(top):
    """Give everything whose time is left to chance one time, so that two labs are alike."""
    chosen = os.fsencode(top / 'times')
    for path, _, files in os.walk(os.fsencode(top), topdown=False):
        for full in (*(os.path.join(path, name) for name in files), path):
            if not full.startswith(chosen + b'/'):
                os.utime(full, (WHEN, WHEN), follow_symlinks=False)


def main(top):
    """Write everything below top, which must not exist."""
    os.umask(0o022)
    top.mkdir(parents=True)
    for make in (data, links, sparse, attributes, special, names, times, subvolumes, flags):
        make(top)
    (top / 'README').write_text('Made by the lab. Nothing here is precious.\n')
    settle(top)
    lock(top)


if __name__ == '__main__':
    main(pathlib.Path(sys.argv[1]))
