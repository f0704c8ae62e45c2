# SPDX-License-Identifier: Apache-2.0
"""A member of Galera in a container of kolla-ansible."""
import os
import subprocess

from baas.node.cluster import galera
from baas.node.cluster import galera_container
from baas.node.cluster import mariadb
from baas.node import errors
from baas.node.services import systemd
from baas.node.system import clock
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

UNIT = 'kolla-mariadb-container.service'
SETTINGS = '''[mysqld]
wsrep_cluster_address = gcomm://10.0.0.1:4567,10.0.0.2:4567
wsrep_sst_auth = root:a secret
'''
PRIMARY = r"""printf 'wsrep_cluster_size\t3\nwsrep_cluster_status\tPrimary\n'
printf 'wsrep_local_index\t0\nwsrep_local_state_comment\tSynced\n'"""
FIRST = SETTINGS.replace('10.0.0.1:4567,10.0.0.2:4567', '')


class FirstMemberTest(base.NodeTest):
    """It starts its cluster, and only this once."""

    def setUp(self):
        super().setUp()
        for name, value in (('SETTINGS', self.path('etc of kolla')),
                            ('_SECONDS', 0.2)):
            self.addCleanup(setattr, galera_container, name,
                            getattr(galera_container, name))
            setattr(galera_container, name, value)
        self.addCleanup(galera_container.forget)
        self.settings = self.write('etc of kolla/galera.cnf', SETTINGS)
        os.chmod(self.settings, 0o640)
        os.chown(self.settings, 1234, 4321)
        self.was = self.look(self.settings)
        self.write('etc of kolla/healthcheck.cnf', '[client]\nuser = x\n')
        self.addCleanup(setattr, galera, '_was_last', galera._was_last)
        galera._was_last = lambda: True

    def look(self, path):
        """Give what is known of a file, but for when it was read."""
        found = os.stat(path)
        return (found.st_mode, found.st_ino, found.st_uid, found.st_gid,
                found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    def systemctl(self, more=':', state='inactive'):
        """Have one unit; what stops has stopped when it is asked again."""
        standins.scripts(self, systemctl='''
case $1 in
start) cp --archive "%s" %s; %s; echo active > %s ;;
stop) echo inactive > %s ;;
show) printf 'Id=%s\\nNames=%s\\nActiveState=%%s\\n' $(cat %s)
    sed -i s/deactivating/inactive/ %s ;;
esac''' % ((self.settings, self.path('taken'), more)
           + (self.write('active', state),) * 2 + (UNIT, UNIT)
           + (self.path('active'),) * 2))

    def assert_own(self):
        with open(self.settings) as handle:
            self.assertEqual(SETTINGS, handle.read())
        self.assertEqual(self.was, self.look(self.settings))
        with open('/proc/self/mountinfo') as handle:
            self.assertNotIn('galera.cnf', handle.read())

    def test_it_takes_settings_without_other_members(self):
        self.systemctl()
        standins.process(self, 'mariadbd')
        self.assertTrue(galera.start(UNIT))
        with open(self.path('taken')) as handle:
            self.assertEqual(FIRST, handle.read())
        taken = os.stat(self.path('taken'))
        self.assertEqual((0o100640, 1234, 4321),
                         (taken.st_mode, taken.st_uid, taken.st_gid))
        self.assert_own()

    def test_one_that_was_not_the_last_joins(self):
        galera._was_last = lambda: False
        self.assertFalse(galera.start(UNIT))

    def test_one_that_is_refused_has_its_settings_back(self):
        self.systemctl('exit 1')
        with self.assertRaises(errors.NodeError):
            galera.start(UNIT)
        self.assert_own()

    def test_one_that_does_not_begin_is_named_and_has_them_back(self):
        self.systemctl()
        with self.assertRaisesRegex(errors.NodeError, UNIT + '.*not begun'):
            galera.start(UNIT)
        self.assert_own()

    def test_what_a_start_that_was_killed_left_goes_with_the_next_resume(self):
        galera_container._cover(self.settings, self.path('run', 'galera', '0'))
        galera_container._cover(self.settings, self.path('run', 'galera', '1'))
        self.systemctl(state='active')
        galera._was_last = lambda: False
        undo = {'kind': 'unit', 'unit': UNIT, 'was': 'active'}
        self.assertEqual([undo], list(systemd.Systemd().resume(
            [undo], clock.boottime() + 5)))
        self.assert_own()
        self.assertFalse(os.path.exists(self.path('run', 'galera')))

    def test_one_that_a_boot_has_started_to_join_is_started_as_first(self):
        self.addCleanup(setattr, systemd, '_PATIENCE', systemd._PATIENCE)
        systemd._PATIENCE = 1
        galera_container._SECONDS = 5
        self.systemctl(state='active')
        # It runs, and knows no statement, until its container is killed.
        standins.process(self, 'mariadbd')
        standins.scripts(self, podman='echo "$@" >> %s' % self.path('asked'),
                         mariadb='grep -q kill %s || exit 1\n' % self.path(
                             'asked') + PRIMARY)
        undo = {'kind': 'unit', 'unit': UNIT, 'was': 'active'}
        self.assertEqual([undo], list(systemd.Systemd().resume(
            [undo], clock.boottime() + 60)))
        self.assertIn('kill mariadb', standins.asked(self))
        with open(self.path('taken')) as handle:
            self.assertEqual(FIRST, handle.read())
        self.assert_own()

    def test_one_that_still_stops_is_waited_for_and_not_killed(self):
        galera_container._SECONDS = 5
        self.systemctl(state='deactivating')
        standins.process(self, 'mariadbd')
        standins.scripts(self, podman='echo "$@" >> %s' % self.path('asked'))
        self.assertTrue(galera.start(UNIT))
        self.assertFalse(os.path.exists(self.path('asked')))
        with open(self.path('taken')) as handle:
            self.assertEqual(FIRST, handle.read())

    def test_one_that_waits_is_a_joining_one_that_was_the_last(self):
        standins.process(self, 'mariadbd')
        standins.scripts(self, mariadb='exit 1')
        self.assertTrue(galera.waits(UNIT))
        self.assertFalse(galera.waits('mariadb.service'))
        standins.scripts(self, mariadb=PRIMARY)
        self.assertFalse(galera.waits(UNIT))
        standins.scripts(self, mariadb='exit 1')
        galera._was_last = lambda: False
        self.assertFalse(galera.waits(UNIT))

    def test_a_cluster_of_one_waits_for_nobody(self):
        self.write('etc of kolla/galera.cnf', FIRST)
        standins.process(self, 'mariadbd')
        standins.scripts(self, mariadb='exit 1')
        self.assertFalse(galera.waits(UNIT))

    def test_without_such_settings_it_is_not_started(self):
        os.unlink(self.settings)
        self.systemctl()
        with self.assertRaisesRegex(errors.NodeError, 'No settings in'):
            galera.start(UNIT)
        self.assertFalse(os.path.exists(self.path('taken')))

    def test_how_far_it_had_come_is_asked_in_a_container_beside_it(self):
        standins.only(self)
        standins.scripts(self, podman='''
test $1 = inspect && echo 1234abcd && exit
echo "$@"''')
        words = galera_container.server()
        said = subprocess.run(words + ['--wsrep-recover'], text=True,
                              stdout=subprocess.PIPE, check=True).stdout
        self.assertRegex(said, 'run --rm --volumes-from mariadb .* 1234abcd '
                               '.*/config_files/galera.cnf --wsrep-recover')
        standins.scripts(self, podman='exit 125')
        self.assertIsNone(galera_container.server())


class FolderTest(base.NodeTest):

    def test_data_is_where_a_member_has_written_of_itself(self):
        self.assertEqual(self.path('var/lib/mysql'), galera.data(self.folder))
        for folder in galera.FOLDERS:
            self.write(folder + '/ibdata1')
        self.assertEqual(self.path('var/lib/mysql'), galera.data(self.folder))
        self.write(galera.FOLDERS[1] + '/grastate.dat')
        self.assertEqual(self.path(galera.FOLDERS[1]),
                         galera.data(self.folder))


class LoginTest(base.NodeTest):
    """The client in a container: as whom it logs in."""

    def ask(self, auth='root:a secret', own=False):
        home = self.path('home')
        os.makedirs(home, exist_ok=True)
        if own:
            self.write('home/.my.cnf')
        standins.only(self)
        standins.scripts(
            self, podman='''
test $1 = ps && echo mariadb && exit
shift 2; test $1 = mariadb && shift
PATH=%s:/usr/bin:/bin HOME=%s exec "$@"''' % (self.path('inside'), home))
        for name, text in (
                ('mariadb', 'echo "$MYSQL_PWD|$*"'),
                ('my_print_defaults', 'test "$1" = --mysqld && '
                 'echo --datadir=/x && echo "--wsrep_sst_auth=%s"' % auth)):
            os.chmod(self.write('inside/' + name, '#!/bin/sh\n' + text + '\n'),
                     0o755)
        [[said]] = mariadb.ask('SELECT 1')
        return said

    def test_it_is_whom_the_server_names_for_other_members(self):
        said = self.ask()
        self.assertTrue(said.startswith('a secret|--user=root '), said)
        self.assertNotIn('secret', said.partition('|')[2])

    def test_a_client_with_settings_of_its_own_keeps_to_them(self):
        self.assertTrue(self.ask(own=True).startswith('|--connect'))

    def test_a_server_that_names_nobody_is_asked_as_before(self):
        self.assertTrue(self.ask(auth='').startswith('|--connect'))


class ShutdownTest(base.NodeTest):

    def test_the_server_is_told_before_its_container_is_stopped(self):
        standins.units(self, **{UNIT.replace('.', '__'): {}})
        standins.install(self, mariadb='note(sys.argv[-1])')
        undo = {'kind': 'unit', 'unit': UNIT, 'was': 'active'}
        systemd.Systemd().quiesce([undo], clock.boottime() + 5, None)
        self.assertEqual(['SHUTDOWN', 'stop ' + UNIT],
                         [line for line in standins.asked(self)
                          if not line.startswith('show')])
