# SPDX-License-Identifier: Apache-2.0
"""A member of Galera that stops and starts, and the lock on its files."""
from baas.node.cluster import galera
from baas.node.cluster import mariadb
from baas.node.cluster import mariadb_lock
from baas.node import errors
from baas.node.system import clock
from baas.node.system import processes
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

FAILS = 'echo no luck >&2; exit 1'
STATUS = r'''printf 'wsrep_cluster_size\t%s\nwsrep_cluster_status\t%s\n'
printf 'wsrep_local_index\t%s\nwsrep_local_state_comment\t%s\n'
'''
# It is asked three times: first of three, busy with the others, alone.
LEAVING = '''echo >> {asked}
case $(wc -l < {asked}) in
1) size=3 ;;
2) exit 1 ;;
*) size=1 ;;
esac
printf 'wsrep_cluster_size\\t%s\\nwsrep_local_index\\t0\\n' $size
printf 'wsrep_local_state_comment\\tSynced\\n'
'''


class StateTest(base.NodeTest):

    def state(self, *values):
        standins.scripts(self, mariadb=STATUS % values)
        return galera.state()

    def test_a_member_tells_its_state_and_its_place(self):
        self.assertEqual(
            {'state': 'Synced', 'size': 3, 'status': 'Primary', 'index': 1},
            self.state(3, 'Primary', 1, 'Synced'))

    def test_a_server_that_is_in_no_cluster_is_no_member(self):
        self.assertIsNone(self.state(
            0, 'Disconnected', 18446744073709551615, 'Initialized'))


class TurnTest(base.NodeTest):

    def test_the_first_member_waits_until_it_is_alone(self):
        path = self.path('asked')
        standins.scripts(self, mariadb=LEAVING.format(asked=path))
        standins.process(self, 'mariadbd')
        galera.wait_for_turn(['mariadb.service'], clock.boottime() + 60)
        with open(path) as handle:
            self.assertEqual(3, len(handle.readlines()))

    def test_what_is_no_server_waits_for_nobody(self):
        galera.wait_for_turn(['web.service'], clock.boottime() + 60)


class StartTest(base.NodeTest):
    """The member that was the last to stop."""

    def setUp(self):
        super().setUp()
        self.addCleanup(setattr, galera, '_was_last', galera._was_last)
        galera._was_last = lambda: True

    def asked(self):
        return [line for line in standins.asked(self)
                if not line.startswith('show')]

    def test_it_starts_the_cluster_and_only_this_once(self):
        standins.units(self, mariadb__service={'ActiveState': 'inactive'})
        self.assertTrue(galera.start('mariadb.service'))
        self.assertEqual(
            ['set-environment _WSREP_NEW_CLUSTER=--wsrep-new-cluster',
             'start mariadb.service',
             'unset-environment _WSREP_NEW_CLUSTER'],
            self.asked())

    def test_when_it_is_refused_the_next_start_is_one_as_any_other(self):
        standins.scripts(self, systemctl='echo "$1" >> %s; test $1 != start'
                         % self.path('asked'))
        with self.assertRaises(errors.NodeError):
            galera.start('mariadb.service')
        self.assertEqual('unset-environment', standins.asked(self)[-1])

    def test_a_unit_that_is_no_server_is_not_its_matter(self):
        self.assertFalse(galera.start('web.service'))


class NoServerTest(base.NodeTest):

    def test_a_server_that_is_gone_takes_no_order_and_gives_no_dump(self):
        standins.scripts(self, **{'mariadb': FAILS, 'mariadb-dump': FAILS})
        with self.assertRaisesRegex(errors.NodeError, 'did not take.*=ON'):
            mariadb.set_desync(True)
        with self.assertRaisesRegex(errors.NodeError, 'did not answer SELECT'):
            mariadb.dump(self.folder)


class LockTest(base.NodeTest):

    def test_without_a_client_nothing_is_locked_or_dumped(self):
        standins.only(self)
        said = mariadb_lock.Lock().take(1, clock.boottime() + 5)
        self.assertEqual('There is no client for the database.',
                         said['cause'])
        with self.assertRaisesRegex(errors.NodeError, 'no mariadb-dump'):
            mariadb.dump(self.folder)

    def test_a_client_that_does_not_answer_is_ended(self):
        standins.scripts(self, mariadb='echo $$ > %s; exec sleep 600'
                         % self.path('client'))
        lock = mariadb_lock.Lock()
        said = lock.take(1, clock.boottime() + 60)
        self.assertIn('did not answer in time', said['cause'])
        with open(self.path('client')) as handle:
            self.assertIsNone(processes.start_time(int(handle.read())))

    def test_a_release_lets_the_server_go_on(self):
        standins.scripts(self, mariadb=standins.SESSION)
        lock = mariadb_lock.Lock()
        self.assertEqual(7, lock.take(15,
                                      clock.boottime() + 60)['connection'])
        self.assertIsNone(lock._process.poll())
        lock.release()
        lock.release()
        self.assertEqual(0, lock._process.wait(60))
