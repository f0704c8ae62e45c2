# SPDX-License-Identifier: Apache-2.0
import errno
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from baas import errors
from baas.storage import base
from baas.storage.drivers import mounts
from baas.tests.unit.storage import places

_HOLD = '''
import pathlib, sys, time
from baas.storage.drivers import mounts
print(mounts.Mount(['-t', 'tmpfs', 'tmpfs'], pathlib.Path(sys.argv[1]))
      .reach(), flush=True)
time.sleep(60)
'''


@unittest.skipIf(os.geteuid(), 'mounting needs root')
class MountTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-mounts-'))
        self.addCleanup(shutil.rmtree, self.folder)
        self.addCleanup(self.unmount_all)
        self.mount = self.make()

    def make(self, *words):
        return mounts.Mount(words or ('-t', 'tmpfs', 'tmpfs'), self.folder)

    def unmount_all(self):
        for path in self.folder.iterdir():
            subprocess.run(['umount', '-l', path], capture_output=True)

    def mounted(self):
        return [path for path in self.folder.iterdir() if path.is_mount()]

    def hold(self):
        """Start a process that has something mounted; give it and where."""
        process = subprocess.Popen(
            [sys.executable, '-c', _HOLD, self.folder],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process, pathlib.Path(process.stdout.readline().strip())

    def test_it_is_mounted_once_and_left_without_a_trace(self):
        self.assertEqual(self.mount.reach(), self.mount.reach())
        self.assertEqual([self.mount.reach()], self.mounted())
        self.mount.leave()
        self.mount.leave()
        self.assertEqual([], os.listdir(self.folder))
        self.assertTrue(self.mount.reach().is_mount())

    def test_a_file_that_is_open_keeps_nobody_from_leaving(self):
        with open(self.mount.reach() / 'a', 'w'):
            self.mount.leave()
            self.assertEqual([], os.listdir(self.folder))

    def test_what_cannot_be_mounted_is_told_and_leaves_nothing(self):
        with self.assertRaises(mounts.MountError) as caught:
            self.make('-t', 'nosuch', 'nothing').reach()
        self.assertIn('nothing does not exist', str(caught.exception))
        self.assertEqual([], os.listdir(self.folder))

    def test_what_a_killed_process_has_left_is_taken_away(self):
        process, place = self.hold()
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.assertTrue(place.is_mount())
        self.assertEqual([self.mount.reach()], list(self.folder.iterdir()))

    def test_what_a_living_process_has_mounted_is_left_alone(self):
        _, place = self.hold()
        self.mount.reach()
        self.mount.leave()
        self.assertEqual([place], self.mounted())

    def test_folders_of_another_name_are_left_alone(self):
        (self.folder / 'data').mkdir()
        (self.folder / '1-2').mkdir()
        self.mount.reach()
        self.assertTrue((self.folder / 'data').exists())
        self.assertTrue((self.folder / '1-2').exists())


class StandInTest(unittest.TestCase):
    """Something else mounts, and does what it is told."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.addCleanup(os.environ.update, PATH=os.environ['PATH'])

    def place(self, script):
        """Have a program of its own that mounts; None for no program."""
        os.environ['PATH'] = f'{self.folder}/bin'
        if script:
            (self.folder / 'bin').mkdir()
            path = self.folder / 'bin' / 'mount'
            path.write_text(f'#!/bin/sh\n{script}\n')
            path.chmod(0o755)

    def refused(self, *words):
        """See that nothing is mounted; give the error."""
        storage = places.nfs_storage(self.folder / 'state', '/srv/backups')
        with self.assertRaises(base.StorageError) as caught:
            storage.check()
        for word in words:
            self.assertIn(word, str(caught.exception))
        self.assertEqual([], os.listdir(self.folder / 'state' / 'shares'))
        return caught.exception

    def test_a_share_that_is_not_exported_is_told(self):
        self.place('echo "mount.nfs: access denied by server while mounting" '
                   '>&2; exit 32')
        error = self.refused('is not exported to this machine')
        self.assertIn('[storage_nfs] export', error.hint)

    def test_a_share_that_cannot_be_mounted_is_told_with_the_reason(self):
        self.place('echo "mount.nfs: Protocol not supported" >&2; exit 32')
        error = self.refused('cannot be mounted: mount.nfs: Protocol not')
        self.assertIn('nfs-common', error.hint)

    def test_a_machine_that_has_no_mount_is_told(self):
        self.place(None)
        self.refused('cannot be mounted: mount cannot be started (ENOENT)')

    def test_a_mount_that_takes_for_ever_is_given_up(self):
        self.addCleanup(setattr, mounts, '_PATIENCE', mounts._PATIENCE)
        mounts._PATIENCE = 1
        self.place('exec /bin/sleep 600')
        self.refused('no answer within 1 seconds')

    def test_a_server_that_goes_away_is_told_from_what_it_refuses(self):
        storage = places.nfs_storage(self.folder, '/srv/backups')
        for number, words in ((errno.ESTALE, 'the server does not answer'),
                              (errno.EHOSTDOWN, 'the server does not answer'),
                              (errno.EDQUOT, 'the storage is full')):
            error = storage.explain(
                OSError(number, os.strerror(number)), 'n1/a')
            self.assertIn(words, str(error))
            self.assertIn('n1/a', str(error))


class NfsOptionsTest(unittest.TestCase):
    def test_what_is_not_set_is_named(self):
        for options, name in (({'host': None}, 'host'),
                              ({'export': None}, 'export')):
            with self.subTest(options), self.assertRaisesRegex(
                    errors.ConfigurationError, rf'\[storage_nfs\] {name}'):
                places.nfs_storage('/nowhere', '/srv', **options)
        with self.assertRaisesRegex(ValueError, 'is no absolute path'):
            places.nfs_storage('/nowhere', '/srv', export='srv')

    def test_nodes_are_told_what_to_mount_and_where_it_will_be(self):
        made = places.nfs_storage('/nowhere', '/srv', host='fd00::1')
        self.assertEqual('nfs://[fd00::1]/srv/n1', made.url('n1'))
        self.assertEqual({'host': '[fd00::1]', 'export': '/srv'}, {
            name: made.share()[name] for name in ('host', 'export')})
        self.assertIn('soft', made.share()['options'])
        self.assertEqual('{share}/n1/restic', made.node_repository('n1'))
        self.assertEqual({'kind': 'folder', 'path': '{share}'}, made.store())
        self.assertEqual({'kind': 'nfs', 'host': 'fd00::1', 'path': '/srv'},
                         made.node_facts())
