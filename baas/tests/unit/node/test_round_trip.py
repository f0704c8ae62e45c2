# SPDX-License-Identifier: Apache-2.0
"""A disk is backed up and put on another one, on real btrfs with restic."""
import os
import shutil
import socket
import stat
import subprocess
import unittest

from baas.node import blank
from baas.node import btrfs
from baas.node import compare
from baas.node import failure
from baas.node import filelist
from baas.node import inode
from baas.node import places
from baas.node import record
from baas.tests.unit.node import base

RESTIC = os.environ.get('BAAS_TEST_RESTIC') or (
    shutil.which('restic', path='/var/cache/baas/bin:'
                 + os.environ.get('PATH', '')))


def _why_not():
    """Say what these tests lack here, or give None."""
    if os.geteuid() != 0:
        return 'loop devices and mounts need root'
    with open('/proc/filesystems') as handle:
        if 'btrfs' not in handle.read().split():
            return 'this kernel has no btrfs'
    for tool in ('mkfs.btrfs', 'setfacl', 'losetup'):
        if not shutil.which(tool, path=os.environ.get('PATH', '')
                            + ':/usr/sbin:/sbin'):
            return 'there is no %s' % tool
    if not RESTIC:
        return 'there is no restic; BAAS_TEST_RESTIC may name one'
    said = subprocess.run([RESTIC, 'version'], stdout=subprocess.PIPE,
                          universal_newlines=True).stdout
    numbers = said.split()[1].split('.')[:2]
    if [int(one) for one in numbers] < [0, 16]:
        return 'restic is older than 0.16'
    return None


def _run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def _put(path, data=b'text\n'):
    with open(path, 'wb') as handle:
        handle.write(data)


def fill(top):
    """Write one of each awkward thing below a folder (bytes)."""
    def at(*names):
        return os.path.join(top, *names)
    for name in (b'etc', b'tmp', b'odd', b'flags', b'flags/kept'):
        os.mkdir(at(name))
    _put(at(b'tmp', b'gone'))
    for name in (b'new\nline', b'not\xffutf8', b'[x]*?', b' $HOME ', b'#c',
                 b'\\', b'-rf', 'käse'.encode(), b'n' * 255):
        _put(at(b'odd', name), name)
    os.mkdir(at(b'odd', b'folder\n'))
    _put(at(b'odd', b'folder\n', b'deep'))
    _put(at(b'etc', b'one'))
    os.link(at(b'etc', b'one'), at(b'odd', b'two'))
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
    _put(at(b'setuid'))
    os.chown(at(b'setuid'), 7, 8)
    os.chmod(at(b'setuid'), 0o6711)
    with open(at(b'sparse'), 'wb') as handle:
        handle.seek(40 << 20)
        handle.write(os.urandom(5000))
        handle.truncate(90 << 20)
    _put(at(b'attributes'))
    os.setxattr(at(b'attributes'), 'user.binary', bytes(range(256)))
    os.setxattr(at(b'attributes'), 'trusted.note', b'root only')
    _run('setfacl', '-m', 'u:4242:rw', os.fsdecode(at(b'attributes')))
    _run('setfacl', '-m', 'd:u:4242:rwx', os.fsdecode(at(b'etc')))
    os.utime(at(b'etc', b'one'), ns=(1, 1234567890123456789))
    fill_subvolumes(top)
    _put(at(b'flags', b'kept', b'inside'))
    _put(at(b'flags', b'append'))
    _put(at(b'flags', b'nocow'), b'')
    inode.set_flags(at(b'flags', b'nocow'), inode.NOCOW)
    _put(at(b'flags', b'nocow'), os.urandom(9000))
    os.chmod(top, 0o751)
    os.chown(top, 0, 9)
    for name, flags in ((b'kept/inside', inode.IMMUTABLE),
                        (b'kept', inode.IMMUTABLE | 0x40),
                        (b'append', inode.APPEND)):
        inode.set_flags(at(b'flags', name), flags)


def fill_subvolumes(top):
    """Nest subvolumes; their inode numbers repeat."""
    for name in (b'sub\nvolume', b'sub\nvolume/inner', b'etc/deep'):
        path = os.path.join(top, name)
        btrfs.create(path)
        _put(os.path.join(path, b'first'))
        os.link(os.path.join(path, b'first'), os.path.join(path, b'again'))
    btrfs.set_read_only(os.path.join(top, b'etc/deep'), True)


@unittest.skipIf(_why_not(), _why_not())
class RoundTripTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        places.TOP = self.mount('node')
        self.blank = self.mount('blank')
        fill(os.fsencode(places.TOP))
        places.STATE = self.path('node', 'var', 'lib', 'baas-node')
        os.makedirs(os.path.join(places.STATE, 'bin'))
        os.symlink(RESTIC, os.path.join(places.STATE, 'bin', 'restic'))
        os.makedirs(os.path.join(places.RUN, base.JOB))
        self.write('run/%s/password' % base.JOB, 'secret\n')
        self.options = {'repository': self.path('repository'),
                        'restic_args': [], 'backup': 'b-1', 'host': 'node-0'}

    def mount(self, name):
        image, place = self.path(name + '.img'), self.path(name)
        with open(image, 'wb') as handle:
            handle.truncate(1 << 30)
        os.mkdir(place)
        _run('mkfs.btrfs', '-q', '-K', '-m', 'single', image)
        _run('mount', '-o', 'loop,nobarrier', image, place)
        self.addCleanup(_run, 'umount', place)
        return place

    def do(self, verb, *words, **options):
        status, said = self.call(verb, '--epoch', '1', *words,
                                 **dict(self.options, **options))
        self.assertEqual((0, 'done'), (status, said['state']), said)
        return said['result']

    def backup(self, **options):
        self.do('prepare')
        self.do('snapshot')
        return self.do('capture', **options)

    def recover(self, captured, **options):
        """Restore as a rescue system would, with a state of its own."""
        state = places.STATE
        places.STATE = self.path('rescue')
        try:
            os.makedirs(os.path.join(places.STATE, 'bin'))
            os.symlink(RESTIC, os.path.join(places.STATE, 'bin', 'restic'))
            return self.call(
                'recover', '--epoch', '1', '--root', self.blank,
                **dict(self.options, snapshot=captured['snapshot'],
                       files_snapshot=captured['files_snapshot'],
                       files_sha256=captured['files_sha256'],
                       layout=self.layout(captured), **options))
        finally:
            places.STATE = state

    def layout(self, captured):
        """Take the top of this test's node out of the paths."""
        for one in captured['layout']['subvolumes']:
            one['path'] = one['path'][len(places.TOP):]
        return captured['layout']

    def test_everything_comes_back_and_each_damage_is_named(self):
        captured = self.backup(excludes=['/odd/#c'])
        status, said = self.recover(captured)
        self.assertEqual(0, status, said)
        self.assertEqual((captured['files'], 0),
                         (said['result']['files'],
                          said['result']['differing']))
        top = os.fsencode(self.blank)
        self.assertTrue(btrfs.is_subvolume(
            os.path.join(top, b'sub\nvolume/inner')))
        self.assertTrue(btrfs.is_read_only(os.path.join(top, b'etc/deep')))
        for name in (b'tmp/gone', b'odd/#c', b'.baas-restore',
                     b'.baas-snapshots', b'var/lib/baas-node/record.json'):
            self.assertFalse(os.path.lexists(os.path.join(top, name)), name)
        for damage in DAMAGES:
            with self.subTest(damage[1]):
                self.check_damage(top, *damage)

    def check_damage(self, top, name, word, damage):
        entries = {entry['p']: entry for entry in filelist.read(
            os.path.join(places.STATE, 'files', 'files.jsonl'))}
        names = [name] + [other for other, entry in entries.items()
                          if entry.get('i') is not None
                          and entry['i'] == entries[name].get('i')]
        comparison = compare.Comparison(top)
        for one in sorted(set(names)):
            comparison.entry(entries[one])
        self.assertEqual([], comparison.examples)
        damage(os.path.join(top, inode.raw(name)))
        comparison = compare.Comparison(top)
        for one in sorted(set(names)):
            comparison.entry(entries[one])
        self.assertIn(word, ' '.join(comparison.examples))

    def test_nothing_of_the_moment_is_left_after_release(self):
        self.backup()
        home = os.path.join(places.TOP, places.SNAPSHOTS)
        self.assertTrue(os.path.isdir(home))
        self.do('release')
        self.assertFalse(os.path.lexists(home))
        self.assertFalse(os.path.lexists(os.path.join(places.RUN, base.JOB)))
        with open('/proc/self/mounts') as handle:
            self.assertNotIn(places.RUN, handle.read())
        self.do('release')

    def test_snapshots_of_others_are_not_touched(self):
        home = os.path.join(os.fsencode(places.TOP), b'.baas-snapshots')
        os.makedirs(os.path.join(home, b'another-job'))
        theirs = os.path.join(home, b'another-job', b'0')
        btrfs.create(theirs)
        self.backup()
        self.do('release')
        self.assertTrue(btrfs.is_subvolume(theirs))

    def test_the_second_backup_reads_only_what_has_changed(self):
        first = self.backup()
        self.do('release')
        os.makedirs(os.path.join(places.RUN, base.JOB))
        self.write('run/%s/password' % base.JOB, 'secret\n')
        with open(os.path.join(places.TOP, 'changed'), 'w') as handle:
            handle.write('x' * 5000)
        second = self.backup(parent=first['snapshot'])
        self.assertLess(second['hashed_bytes'], first['hashed_bytes'] // 10)
        self.assertEqual(first['files'] + 1, second['files'])

    def test_a_disk_that_is_not_blank_is_refused(self):
        captured = self.backup()
        _put(os.path.join(os.fsencode(self.blank), b'precious'))
        status, said = self.recover(captured)
        self.assertEqual(1, status)
        self.assertIn('precious', said['error']['cause'])

    def test_a_restore_that_was_cut_off_is_begun_again(self):
        captured = self.backup()
        # What a first try may have left: locked files and half the content.
        marker = os.path.join(self.blank, places.MARKER)
        os.makedirs(marker)
        with open(os.path.join(marker, 'restore.json'), 'w') as handle:
            handle.write('{"job": "%s"}' % base.JOB)
        os.makedirs(os.path.join(self.blank, 'flags', 'kept'))
        inside = os.path.join(self.blank, 'flags', 'kept', 'inside')
        _put(inside, b'half')
        inode.set_flags(inside, inode.IMMUTABLE)
        inode.set_flags(os.path.dirname(inside), inode.IMMUTABLE)
        status, said = self.recover(captured)
        self.assertEqual(0, status, said)

    def test_a_list_that_is_not_the_one_of_the_backup_is_refused(self):
        captured = self.backup()
        status, said = self.recover(dict(captured, files_sha256='0' * 64))
        self.assertEqual(1, status)
        self.assertIn('file list', said['error']['cause'])

    def test_a_wrong_password_is_told_from_a_missing_repository(self):
        self.do('prepare')
        self.write('run/%s/password' % base.JOB, 'wrong\n')
        status, said = self.call('prepare', '--epoch', '1', **self.options)
        self.assertEqual(1, status)
        self.assertIn('key', said['error']['hint'])
        self.assertNotIn('wrong\n', str(said))

    def test_capture_without_a_snapshot_is_refused(self):
        self.do('prepare')
        status, said = self.call('capture', '--epoch', '1', **self.options)
        self.assertEqual(1, status)
        self.assertIn('snapshot', said['error']['cause'])

    def test_a_backup_that_the_dead_man_spoiled_is_refused(self):
        self.do('prepare')
        with self.held() as held:
            held.data['rested'] = ['a.service']
            held.data['fired'] = True
            held.save()
        status, said = self.call('snapshot', '--epoch', '1', **self.options)
        self.assertEqual(1, status)
        self.assertIn('resumed', said['error']['cause'])

    def held(self):
        return record.held(base.JOB, 1)


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
    ('odd/\\', 'system.posix_acl_access', lambda path: _run(
        'setfacl', '-m', 'u:77:r', os.fsdecode(path))),
    ('flags/append', 'flags', lambda path: inode.set_flags(path, 0)),
    ('flags/kept', 'flags', lambda path: inode.set_flags(path, 0x40)),
    ('odd/folder\n', 'of type', lambda path: (
        shutil.rmtree(path), _put(path))),
)
"""Path, a word the comparison must say, and what is done to the file."""


class BlankTest(base.NodeTest):

    def test_the_root_of_the_rescue_itself_is_refused(self):
        with self.assertRaises(failure.NodeError):
            blank.require_blank('/', base.JOB)

    def test_a_folder_that_is_no_mount_point_is_refused(self):
        with self.assertRaises(failure.NodeError):
            blank.require_blank(self.folder, base.JOB)
