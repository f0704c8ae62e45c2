# SPDX-License-Identifier: Apache-2.0
"""What a backup asks of Ceph, asked of a real monitor."""
import os
import pathlib
import shutil
import tempfile
import unittest
import uuid

from baas.node.cluster import ceph as cephs
from baas.node.restore import service_hold
from baas.node.services import base
from baas.node.services import ceph
from baas.node.system import clock
from baas.node.system import command
from baas.tests.integration import process

SOON = 60
OSD = 'ceph-osd@1.service'
CONF = '''[global]
fsid = {fsid}
mon initial members = a
mon host = [v2:127.0.0.1:{port}]
mon data = {folder}/mon
keyring = {folder}/keyring
mon cluster log file = {folder}/cluster.log
log file = {folder}/ceph.log
admin socket = {folder}/$name.asok
run dir = {folder}
'''


def monitor(folder):
    """Make a cluster of one monitor on the loopback, and start it.

    :returns: the :class:`process.Process`; $CEPH_CONF leads to it.
    """
    fsid, port = str(uuid.uuid4()), process.free_port()
    conf, keys, map = folder / 'conf', folder / 'keyring', folder / 'map'
    conf.write_text(CONF.format(fsid=fsid, port=port, folder=folder))
    for name in ('mon.', 'client.admin'):
        if not keys.exists():
            process.run(['ceph-authtool', '--create-keyring', keys])
        process.run(['ceph-authtool', keys, '--gen-key', '-n', name, '--cap',
                     'mon', 'allow *'])
    process.run(['monmaptool', '--create', '--fsid', fsid, '--addv', 'a',
                 f'[v2:127.0.0.1:{port}]', map])
    words = ['ceph-mon', '--conf', conf, '--id', 'a']
    process.run([*words, '--mkfs', '--monmap', map, '--keyring', keys])
    os.environ['CEPH_CONF'] = str(conf)
    return process.Process('ceph-mon', [*words, '-f'], folder).start()


class NodeView(base.NodeView):
    """A node on which an OSD runs."""

    units = (OSD,)


class CephTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-ceph-'))
        cls.addClassCleanup(shutil.rmtree, folder, True)
        cls.addClassCleanup(os.environ.pop, 'CEPH_CONF', None)
        cls.monitor = monitor(folder)
        cls.addClassCleanup(cls.monitor.kill)
        cls.monitor.wait_until(cephs.export, 'the monitor has quorum')

    def setUp(self):
        super().setUp()
        self.service = ceph.Ceph()
        self.addCleanup(self.tell, 'unset', 'noout')

    def tell(self, *words):
        return command.run([*cephs.tool(), 'osd', *words], 'Look at ceph.log.')

    def find(self, *items):
        return self.service.find(items, NodeView('stop', items))

    def test_its_data_stay_while_some_of_it_rests(self):
        things = self.find('ceph*')
        undos = self.service.plan_undos(things, 'stop')
        self.assertNotIn('noout', self.tell('dump'))
        self.service.quiesce(undos, clock.boottime() + SOON, None)
        self.assertIn('noout', self.tell('dump'))
        self.assertEqual(undos, list(self.service.resume(
            undos, clock.boottime() + SOON)))
        self.assertNotIn('noout', self.tell('dump'))

    def test_a_flag_that_was_set_before_is_nobodys_to_end(self):
        self.assertEqual(['noout'], self.find('ceph*'))
        self.tell('set', 'noout')
        self.assertEqual([], self.find('ceph*'))

    def test_where_nothing_of_it_rests_it_is_not_told(self):
        self.assertEqual([], self.find('tripleo_*'))
        self.assertEqual([], self.find('podman:ceph*'))

    def test_keys_and_rights_are_part_of_what_is_kept(self):
        self.assertRegex(cephs.export(),
                         r'\[client.admin\]\n\tkey = \S+\n\tcaps mon = ')

    def test_a_monitor_that_came_back_with_the_flag_is_told_at_the_end(self):
        undos = self.service.plan_undos(self.find('ceph*'), 'stop')
        self.service.quiesce(undos, clock.boottime() + SOON, None)
        service_hold._undo(undos, clock.boottime() + SOON)
        self.assertNotIn('noout', self.tell('dump'))

    def test_a_monitor_that_is_away_leaves_the_undo_owed(self):
        undos = self.service.plan_undos(self.find('ceph*'), 'stop')
        self.service.quiesce(undos, clock.boottime() + SOON, None)
        self.monitor.pause()
        self.addCleanup(self.monitor.go_on)
        self.assertEqual([], list(self.service.resume(
            undos, clock.boottime() + 1)))
        self.monitor.go_on()
        self.assertEqual(undos, list(self.service.resume(
            undos, clock.boottime() + SOON)))
        self.assertNotIn('noout', self.tell('dump'))
