# SPDX-License-Identifier: Apache-2.0
import os

from baas.node.restore import reset_state
from baas.node.restore import service_hold
from baas.node.system import systemd
from baas.tests.unit.node import base

UNITS = 'etc/systemd/system/'


class HoldTest(base.NodeTest):

    def test_units_of_a_restored_root_are_held(self):
        for name in ('tripleo_nova.service', 'tripleo_nova.timer',
                     'sshd.service', 'other.service'):
            self.write(UNITS + name, '[Service]\n')
        self.write('usr/lib/systemd/system/rabbitmq-server.service')
        names = service_hold.hold_units(self.folder,
                                        ['tripleo_*', 'rabbitmq-server',
                                         'sshd.service'])
        self.assertEqual(['rabbitmq-server.service', 'tripleo_nova.service',
                          'tripleo_nova.timer'], names)
        self.assertEqual(3, len(service_hold.drop_ins(self.folder)))
        with open(self.path(UNITS + 'rabbitmq-server.service.d',
                            service_hold.DROP_IN)) as handle:
            self.assertIn('ConditionPathExists=!' + service_hold.FLAG,
                          handle.read())
        self.assertTrue(os.path.exists(self.path(service_hold.FLAG[1:])))

    def test_without_units_nothing_is_written(self):
        self.assertEqual([],
                         service_hold.hold_units(self.folder, ['tripleo_*']))
        self.assertFalse(os.path.exists(self.path(service_hold.FLAG[1:])))


class ClearTest(base.NodeTest):

    def test_record_and_dead_man_of_the_moment_are_gone(self):
        self.write('var/lib/baas-node/journal.json')
        self.write('var/lib/baas-node/metadata/cib.xml')
        unit = self.write(UNITS + 'baas-deadman.service')
        os.mkdir(self.path(UNITS + 'multi-user.target.wants'))
        os.symlink(unit, self.path(UNITS + 'multi-user.target.wants',
                                   'baas-deadman.service'))
        self.assertEqual(3, len(reset_state.clear(self.folder)))
        self.assertEqual([], reset_state.clear(self.folder))
        self.assertTrue(os.path.exists(
            self.path('var/lib/baas-node/metadata/cib.xml')))

    def test_process_ids_and_sockets_of_ovn_on_a_disk_are_gone(self):
        place = 'var/lib/openvswitch/ovn/'
        for name in ('ovnsb_db.pid', 'ovn-northd.6.ctl', 'ovnnb_db.sock',
                     'ovnnb_db.db', '.ovnnb_db.db.~lock~'):
            self.write(place + name)
        self.assertEqual(
            ['/' + place + name for name in (
                'ovnsb_db.pid', 'ovn-northd.6.ctl', 'ovnnb_db.sock')],
            reset_state.clear(self.folder))
        self.assertEqual(['.ovnnb_db.db.~lock~', 'ovnnb_db.db'],
                         sorted(os.listdir(self.path(place))))

    def test_the_old_share_of_a_cluster_is_moved_away(self):
        self.write('etc/mysql/conf.d/galera.cnf',
                   '[mysqld]\nwsrep_cluster_address = gcomm://a,b\n')
        self.write('var/lib/mysql/grastate.dat')
        self.write('var/lib/mysql/ibdata1')
        self.write('var/lib/rabbitmq/mnesia/rabbit@a/schema.DAT')
        moved = reset_state.forget_cluster(self.folder, base.JOB)
        self.assertEqual(['/var/lib/mysql/grastate.dat',
                          '/var/lib/rabbitmq/mnesia'], moved)
        self.assertTrue(os.path.exists(self.path('var/lib/mysql/ibdata1')))
        self.assertEqual([], reset_state.forget_cluster(self.folder, base.JOB))

    def test_so_is_what_is_in_the_volumes_of_kolla(self):
        self.write('etc/kolla/mariadb/galera.cnf',
                   '[mysqld]\nwsrep_cluster_address = gcomm://a:4567,b:4567\n')
        for engine in ('var/lib/docker', 'var/lib/containers/storage'):
            volumes = engine + '/volumes/'
            self.write(volumes + 'mariadb/_data/grastate.dat')
            self.write(volumes + 'rabbitmq/_data/mnesia/rabbit@a/schema.DAT')
            self.assertEqual(
                ['/' + volumes + 'mariadb/_data/grastate.dat',
                 '/' + volumes + 'rabbitmq/_data/mnesia'],
                reset_state.forget_cluster(self.folder, base.JOB))

    def test_a_database_of_its_own_keeps_its_state(self):
        self.write('etc/mysql/my.cnf', '[mysqld]\n#wsrep_cluster_address = '
                   'gcomm://a\n')
        self.write('var/lib/mysql/grastate.dat')
        self.assertEqual([], reset_state.forget_cluster(self.folder, base.JOB))


class UnitNameTest(base.NodeTest):

    def test_the_way_in_is_never_chosen(self):
        for name in ('sshd.service', 'ssh.service', 'dbus.service',
                     'systemd-journald.service', 'baas-deadman.service'):
            with self.subTest(name):
                self.assertEqual([], systemd.chosen([name], ['*', name]))

    def test_the_kind_of_a_unit_may_be_left_out(self):
        names = ['a.service', 'a.socket', 'ab.service']
        self.assertEqual(['a.service'], systemd.chosen(names, ['a']))
        self.assertEqual(names, systemd.chosen(names, ['a*']))

    def test_what_is_no_service_is_never_chosen(self):
        self.assertEqual([], systemd.chosen(
            ['a.mount', 'a.scope', 'a.target', 'a.slice'], ['a*']))
