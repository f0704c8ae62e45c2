# SPDX-License-Identifier: Apache-2.0
"""What does not answer is never taken for what is not there."""
import os
import socket

from baas.node.cluster import ceph as cephs
from baas.node.cluster import export
from baas.node.cluster import galera
from baas.node.cluster import mariadb
from baas.node.cluster import membership
from baas.node.cluster import ovn
from baas.node.cluster import pacemaker_resources
from baas.node.disks import devices
from baas.node.disks import filesystems
from baas.node.disks import lvm
from baas.node import errors
from baas.node.payloads import restic_cli
from baas.node.rear import config
from baas.node.rear import rebuild
from baas.node.restore import service_hold
from baas.node.services import ceph
from baas.node.services import pacemaker
from baas.node.system import command
from baas.node.system import container_tool
from baas.node.system import containers
from baas.node.system import nics
from baas.node.system import presence
from baas.node.system import systemd
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

FAILS = 'echo no luck >&2; exit 1'
# As a tool that hangs ends for those who wait no longer.
HANGS = 'exit 124'
RUBBISH = r'printf "\001 <what {is} this\n"'
OSD = ['ceph-osd@1.service']

# (question, tool, [processes that say the service is there], whether another
# tool would be noticed as saying rubbish)
SERVICES = {
    'pacemaker': (membership.pacemaker, 'crm_mon', ['pacemakerd'], True),
    'remote': (membership.pacemaker, 'crm_mon', ['pacemaker-remoted'], True),
    'resources': (lambda: pacemaker_resources.look('c-0'), 'crm_mon',
                  ['pacemakerd'],
                  True),
    'of pacemaker': (lambda: membership.containers() or None, 'crm_mon',
                     ['pacemakerd'], True),
    'maintenance': (lambda: pacemaker.Pacemaker().before(), 'crm_mon',
                    ['pacemakerd'], True),
    'galera': (galera.state, 'mariadb', ['mariadbd'], True),
    'database': (lambda: mariadb.answers() or None, 'mariadb', ['mysqld'],
                 True),
    'desync': (lambda: mariadb.desynced() or None, 'mariadb', ['mariadbd'],
               True),
    'rabbitmq': (membership.rabbitmq, 'rabbitmqctl',
                 ['beam.smp -s rabbit boot'], True),
    'definitions': (export._definitions, 'rabbitmqctl',
                    ['beam.smp -s rabbit boot'], True),
    'keys of ceph': (cephs.export, 'ceph', ['ceph-mon'], True),
}
TOOLS = {
    'podman': (containers.running, 'podman', False),
    'states': (lambda: containers.states('podman', ['a']), 'podman', True),
    'units': (systemd.running, 'systemctl', True),
    'unit': (lambda: systemd.states(['a.service']), 'systemctl', True),
    'enabled': (lambda: service_hold.enabled(['a']), 'systemctl', True),
    'noout': (lambda: ceph._is_set(OSD), 'ceph', True),
    'groups': (lvm.groups, 'vgs', True),
    'tagged': (lambda: lvm.tagged('x'), 'lvs', True),
    'snapshot': (lambda: lvm.snapshot_use('x'), 'dmsetup', False),
    'pool': (lambda: lvm.pool_use('x'), 'dmsetup', False),
    'other groups': (config._other_groups, 'vgs', False),
    'disks': (lambda: rebuild._let_go(['/dev/none']), 'lsblk', False),
    'restic': (restic_cli.version, 'restic', True),
    'addresses': (nics.own_addresses, 'ip', True),
    'members': (membership.corosync, 'corosync-quorumtool', True),
    'claims': (pacemaker._read, 'cibadmin', True),
}


class TableTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        self.addCleanup(setattr, restic_cli, 'binary', restic_cli.binary)
        restic_cli.binary = lambda: self.path('bin', 'restic')

    def unknown(self, question, tool):
        try:
            found = question()
        except errors.Unknown as error:
            self.assertIn(tool.split('-')[0][:5].replace('maria', 'datab'),
                          error.cause)
            self.assertTrue(error.hint)
            return
        self.fail('%r was taken for an answer' % (found,))

    def test_a_service_that_runs_and_does_not_answer_is_unknown(self):
        for name, (question, tool, processes, rubbish) in SERVICES.items():
            for how in (FAILS, HANGS) + ((RUBBISH,) if rubbish else ()):
                with self.subTest(name, how=how):
                    standins.scripts(self, **{tool: how})
                    for one in processes:
                        standins.process(self, *one.split())
                    self.unknown(question, tool)
                    self.doCleanups()
                    self.setUp()

    def test_a_tool_that_fails_beside_no_such_process_means_absent(self):
        for name, (question, tool, _, _) in SERVICES.items():
            with self.subTest(name):
                standins.scripts(self, **{tool: FAILS})
                self.assertIsNone(question())

    def test_a_tool_without_a_process_to_look_for_is_unknown(self):
        for name, (question, tool, rubbish) in TOOLS.items():
            for how in (FAILS, HANGS) + ((RUBBISH,) if rubbish else ()):
                with self.subTest(name, how=how):
                    standins.scripts(self, **{tool: how})
                    self.unknown(question, tool)


class PresenceTest(base.NodeTest):

    def test_a_process_counts_by_name_and_argument(self):
        standins.process(self, 'beam.smp', '-s', 'rabbitmqctl')
        self.assertTrue(presence.runs('beam.smp'))
        self.assertFalse(presence.runs('beam.smp', word='rabbit'))
        self.assertFalse(presence.runs('beam'))

    def test_a_tool_that_hangs_is_given_up(self):
        standins.scripts(self, slow='exec sleep 60')
        with self.assertRaisesRegex(errors.Unknown, 'slow.*1 seconds'):
            presence.ask(['slow'], 'Wait.', 1)

    def test_containers_without_their_engine_are_unknown(self):
        standins.only(self)
        self.assertEqual([], containers.running())
        for process, engine in (('conmon', 'podman'), ('dockerd', 'docker')):
            standins.process(self, process)
            with self.assertRaisesRegex(errors.Unknown, 'no ' + engine):
                containers.running(engine)

    def test_a_tool_in_a_container_that_cannot_be_entered_is_unknown(self):
        standins.scripts(self, podman='''
test $1 = ps && echo galera-bundle-podman-0 && exit
echo Error: container is paused >&2
exit 255
''')
        with self.assertRaisesRegex(errors.Unknown, 'galera-bundle'):
            container_tool.tool(('no-such-client',), 'galera')

    def test_what_docker_says_of_one_that_is_paused_is_no_absence(self):
        standins.only(self)
        standins.process(self, 'dockerd')
        standins.scripts(self, docker='''
test $1 = ps && echo mariadb && exit
echo Error response from daemon: Container mariadb is paused >&2
exit 1
''')
        with self.assertRaisesRegex(errors.Unknown, 'is paused'):
            container_tool.tool(('no-such-client',), 'mariadb')

    def test_a_container_that_lacks_the_tool_is_no_trouble(self):
        standins.scripts(self, podman='''
test $1 = ps && echo galera-bundle-podman-0 && exit
exit 127
''')
        self.assertIsNone(container_tool.tool(('no-such-client',), 'galera'))

    def test_a_tool_in_a_container_is_run_there(self):
        standins.scripts(self, podman='''
test $1 = ps && echo ovn_northd galera-bundle-podman-0 && exit
test $2 = galera-bundle-podman-0 && echo no-such-client
''')
        self.assertEqual(
            [self.path('bin', 'podman'), 'exec', '-i',
             'galera-bundle-podman-0', 'no-such-client'],
            container_tool.tool(('no-such-client',), 'galera'))

    def test_where_no_container_runs_none_is_inspected(self):
        standins.scripts(self, podman='test $1 = ps')
        self.assertEqual([], containers.running())

    def test_containers_that_cannot_be_inspected_are_unknown(self):
        standins.scripts(self, podman='test $1 = ps && echo one && exit\n'
                         'echo >> %s; exit 125' % self.path('tries'))
        with self.assertRaisesRegex(errors.Unknown, 'inspect ended with 125'):
            containers.running()
        with open(self.path('tries')) as handle:
            self.assertEqual(3, len(handle.readlines()))

    def test_a_container_that_ends_while_it_is_inspected_is_left_out(self):
        ids = self.write('ids', 'one two')
        standins.scripts(self, podman='''
test $1 = ps && cat %s && exit
echo '[{"Name": "one"}]'
test -z "$3" && exit
echo one > %s
echo Error: no such object: two >&2
exit 125
''' % (ids, ids))
        self.assertEqual(['one'], [one['name']
                                   for one in containers.running()])

    def test_a_leftover_socket_of_ovn_is_no_database(self):
        standins.scripts(self, **{'ovsdb-client': FAILS})
        self.addCleanup(setattr, ovn, 'FOLDERS', ovn.FOLDERS)
        ovn.FOLDERS = (self.folder,)
        place = socket.socket(socket.AF_UNIX)
        self.addCleanup(place.close)
        place.bind(self.path('ovnnb_db.sock'))
        self.assertEqual({}, ovn.backups())
        place.listen(1)
        with self.assertRaisesRegex(errors.Unknown, 'ovsdb-client.*no luck'):
            ovn.backups()

    def test_a_disk_that_cannot_be_read_is_not_blank(self):
        here, gone = self.path('disk'), self.path('gone')
        with open(here, 'wb') as handle:
            handle.write(bytes(4096))
        for name, path, source, blank in (
                ('empty', here, 'exit 2', {}),
                ('unreadable', gone, 'exit 2', None),
                ('both', here, 'exit 8', None), ('hangs', here, HANGS, None)):
            with self.subTest(name):
                standins.scripts(self, blkid=source)
                self.assertEqual(blank, devices.probe(path))

    def test_a_device_without_an_id_is_no_trouble_and_silence_is(self):
        mount = {'fstype': 'ext4', 'device': '/dev/none'}
        standins.scripts(self, blkid='exit 2')
        self.assertEqual('', filesystems._uuid(mount))
        standins.scripts(self, blkid=HANGS)
        with self.assertRaises(errors.Unknown):
            filesystems._uuid(mount)

    def test_a_device_has_the_id_that_a_link_to_it_is_called(self):
        standins.scripts(self, blkid=FAILS)
        self.addCleanup(setattr, filesystems, '_LINKS', filesystems._LINKS)
        filesystems._LINKS = self.path('links')
        os.mkdir(self.path('links'))
        for name, device in (('1-2', '/dev/zero'), ('3-4', '/dev/null')):
            os.symlink(device, self.path('links', name))
        self.assertEqual('3-4', filesystems._uuid(
            {'fstype': 'ext4', 'device': '/dev/null'}))

    def test_a_snapshot_that_is_gone_is_known_to_be(self):
        standins.scripts(self, dmsetup='echo Device x does not exist. >&2; '
                         'exit 1')
        self.assertIsNone(lvm.snapshot_use('x'))

    def test_without_the_tools_of_lvm_there_are_no_groups(self):
        self.addCleanup(setattr, command, 'find', command.find)
        command.find = lambda *names: None
        self.assertEqual([], config._other_groups())


class DatabaseTest(base.NodeTest):

    def test_a_statement_that_is_refused_is_no_silence(self):
        # As MariaDB 10.11 says it.
        standins.scripts(self, mariadb='echo "ERROR 1133 (28000) at line 1: '
                         'Can\'t find any matching row" >&2; exit 1')
        with self.assertRaisesRegex(mariadb.Refused, 'ERROR 1133'):
            mariadb.ask('SHOW GRANTS FOR x')
