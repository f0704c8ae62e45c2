# SPDX-License-Identifier: Apache-2.0
"""The storage driver nfs and the payloads of a node on a real share."""
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from baas.node.backup import check
from baas.node.stores import nfs
from baas.tests.machine import nfsd
from baas.tests.unit.node import base as node
from baas.tests.unit.node import loopdisks
from baas.tests.unit.node.payloads import contract as payload
from baas.tests.unit.node.payloads import test_restic
from baas.tests.unit.node.payloads import test_tar
from baas.tests.unit.storage.drivers import contract
from baas.tests.unit.storage import places

_QUICK = 'nfsvers=3,nolock,soft,timeo=20,retrans=1,retry=0'


class Served:
    """Gives a class of tests a server, and folders that can be exported."""

    @classmethod
    def setUpClass(cls):
        if nfsd.missing():
            raise unittest.SkipTest(nfsd.missing())
        node.program()  # which is built once, where it stays
        # What is written over the files of the host cannot be exported.
        folder = tempfile.mkdtemp(prefix='baas-nfs-')
        cls.addClassCleanup(shutil.rmtree, folder)
        cls.addClassCleanup(subprocess.run, ['umount', '-l', folder])
        subprocess.run(['mount', '-t', 'tmpfs', 'tmpfs', folder], check=True)
        cls.addClassCleanup(setattr, tempfile, 'tempdir', tempfile.tempdir)
        tempfile.tempdir = folder
        cls.server = nfsd.Server()
        cls.addClassCleanup(cls.server.stop)
        cls.server.start()
        super().setUpClass()


class NfsStorageTest(Served, contract.StorageContract, unittest.TestCase):

    def make(self, path, cloud=None, **options):
        # What a client knows of a folder would outlive what is mounted over
        # it there.
        if getattr(self, 'storage', None):
            self.storage.close()
        if path.exists():
            self.server.export(path)
        made = places.nfs_storage(self.folder, path, cloud, **options)
        self.addCleanup(made.close)
        return made

    writer = staticmethod(places.nfs_storage)

    def writer_arguments(self):
        return []

    def mounted(self):
        with open('/proc/mounts') as handle:
            return [line.split()[1] for line in handle
                    if line.split()[2] == 'nfs']

    def test_it_is_mounted_when_it_is_wanted_and_no_longer(self):
        self.assertEqual([], self.mounted())
        self.storage.check()
        self.assertEqual(1, len(self.mounted()))
        self.storage.close()
        self.assertEqual([], self.mounted())
        self.assertEqual([], os.listdir(self.folder / 'shares'))
        self.storage.write('node/a', b'1')
        self.assertEqual(b'1', self.content('node/a'))

    def test_what_a_killed_process_has_left_is_taken_away(self):
        self.kill_a_writer()
        self.assertEqual(1, len(self.mounted()))
        self.storage.check()
        self.storage.close()
        self.assertEqual([], self.mounted())

    def test_what_another_process_has_mounted_is_left_alone(self):
        self.storage.check()
        other = places.nfs_storage(self.folder, self.root)
        other.check()
        self.assertEqual(2, len(self.mounted()))
        other.close()
        self.storage.write('node/a', b'1')

    def test_a_server_that_does_not_export_it_is_told(self):
        self.storage = places.nfs_storage(self.folder, '/not/exported')
        self.refused('not exported', self.storage.check)
        self.assertEqual([], self.mounted())

    def test_a_server_that_is_gone_becomes_an_error_in_bounded_time(self):
        storage = self.make(self.root, options=_QUICK)
        storage.write('node/a', b'1')
        self.server.vanish()
        self.addCleanup(self.server.serve)
        began = time.monotonic()
        self.refused('does not answer', storage.write, 'node/b', b'2')
        self.refused('does not answer', storage.check)
        self.assertLess(time.monotonic() - began, 60)
        began = time.monotonic()
        storage.close()
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual([], self.mounted())
        self.refused('cannot be mounted', storage.check)

    def test_the_time_is_bounded_as_it_is_set_up_by_default(self):
        self.storage.write('node/a', b'1')
        self.server.vanish()
        self.addCleanup(self.server.serve)
        began = time.monotonic()
        self.refused('does not answer', self.storage.write, 'node/b', b'2')
        self.assertLess(time.monotonic() - began, 240)


class ShareTest(Served, node.NodeTest):
    """What a node does with a share."""

    def setUp(self):
        super().setUp()
        os.mkdir(self.path('storage'))
        self.server.export(self.path('storage'))
        self.told = {'host': '127.0.0.1', 'options': _QUICK,
                     'export': self.path('storage')}

    def mounted(self):
        with open('/proc/mounts') as handle:
            return [line for line in handle if ' nfs ' in line]

    def test_it_is_mounted_for_one_process_and_gone_with_it(self):
        reads, writes = os.pipe()
        child = os.fork()
        if not child:
            nfs.reach(self.asked('capture', share=self.told))
            with open(os.path.join(nfs.place(), 'note'), 'w') as handle:
                handle.write('here')
            os.write(writes, b'.')
            time.sleep(60)
            os._exit(0)
        os.read(reads, 1)
        self.assertEqual([], self.mounted())
        with open(self.path('storage', 'note')) as handle:
            self.assertEqual('here', handle.read())
        with open(f'/proc/{child}/mounts') as handle:
            self.assertIn(' nfs ', handle.read())
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        self.assertEqual([], os.listdir(nfs.place()))

    def test_a_process_that_waits_for_a_server_that_is_gone_can_be_killed(
            self):
        reads, writes = os.pipe()
        hard = dict(self.told, options='nfsvers=3,nolock,hard')
        child = os.fork()
        if not child:
            nfs.reach(self.asked('capture', share=hard))
            os.write(writes, b'.')
            os.read(reads, 1)
            with open(os.path.join(nfs.place(), 'note'), 'wb') as handle:
                handle.write(bytes(4 << 20))
                handle.flush()
                os.fsync(handle.fileno())
            os._exit(0)
        os.read(reads, 1)
        self.server.vanish()
        self.addCleanup(self.server.serve)
        os.write(writes, b'.')
        time.sleep(3)
        os.kill(child, signal.SIGKILL)
        nfsd.wait_until(lambda: os.waitpid(child, os.WNOHANG)[0], 30)

    def test_check_names_a_share_that_cannot_be_mounted(self):
        self.told['export'] = '/nowhere'
        problems = []

        def look():
            problems.extend(check._share_problems(
                self.asked('check', share=self.told)))
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        self.assertIn('cannot be mounted', problems[0]['cause'])

    def test_the_server_on_the_target_itself_is_noticed(self):
        told = {'kind': 'nfs', 'path': '/x', 'host': '127.0.0.1'}
        [problem] = check._storage_problems({'storage': told}, [])
        self.assertIn('this node itself', problem['cause'])
        self.assertEqual([], check._storage_problems(
            {'storage': told, 'allow_on_target': True}, []))


class OnShare(Served):
    """Gives a payload a share to go to."""

    def told(self):
        found = super().told()
        os.makedirs(self.path('storage'), exist_ok=True)
        self.server.export(self.path('storage'))
        return {**found, 'share': {
            'host': '127.0.0.1', 'options': _QUICK,
            'export': self.path('storage')}}


@unittest.skipIf(loopdisks.why_not(), loopdisks.why_not())
class ResticOnShareTest(OnShare, test_restic.ResticPayload,
                        payload.RoundTrip, node.NodeTest):

    def told(self):
        return {**super().told(), 'repository': '{share}/node-0/restic'}


@unittest.skipUnless(test_tar.CAN, test_tar.WHY_NOT)
class TarOnShareTest(OnShare, test_tar.TarPayload, payload.RoundTrip,
                     node.NodeTest):

    def store(self):
        return {'kind': 'folder', 'path': '{share}'}
