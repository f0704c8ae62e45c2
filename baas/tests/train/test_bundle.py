# SPDX-License-Identifier: Apache-2.0
"""Sets and restores of databases of OVN of which one replica is at work."""
from baas.tests.lab import consistency
from baas.tests.lab import service as services
from baas.tests.lab import test_lab
from baas.tests.train import ovn

setUpModule = test_lab.setUpModule


class BundleTest(consistency.ConsistencyTest):
    CLIENTS = dict.fromkeys(services.CONTROLLERS, 'podman exec $(podman ps '
                            '-q --filter name=galera-bundle) mysql')

    def setUp(self):
        super().setUp()
        name = self.id().rpartition('.')[2]
        self.addCleanup(ovn.ask, '--if-exists', 'ls-del', name)
        self.assertEqual((0, ''), ovn.ask('--may-exist', 'ls-add', name))
        self.switch = name

    def assert_all_have(self, *names):
        for node in services.CONTROLLERS:
            self.assertLessEqual(set(names), set(ovn.switches(node)), node)

    def test_a_frozen_set_moves_no_replica_and_fails_no_client(self):
        before = ovn.states()
        test_lab.service.restart(mode='freeze')
        self.addCleanup(test_lab.service.restart)
        with ovn.Client('frozen') as client:
            client.wait_for(5)
            job = test_lab.service.backup(stopall='yes')
            client.wait_for(len(client.added) + 5)
        self.assert_done(job)
        self.assertEqual([], client.errors)
        self.assertEqual(before, ovn.states())
        self.assert_well()
        self.assert_all_have(*client.added)

    def test_a_stopped_set_comes_back_with_one_replica_at_work(self):
        job = test_lab.service.backup(stopall='yes')
        self.assert_done(job)
        self.assert_available(job['id'])
        self.assert_well()
        self.assertEqual(['active', 'backup', 'backup'],
                         sorted(ovn.states().values()))
        self.assert_all_have(self.switch)

    def test_the_lost_replica_at_work_comes_back_as_one_that_follows(self):
        lost = ovn.at_work()
        self.assert_done(test_lab.service.backup())
        services.lab('wreck', lost)
        # Another one takes its place, and has what no backup has.
        with ovn.Client('since') as client:
            client.wait_for(1, 120)
        job = test_lab.service.restore_lost(lost)
        self.assert_done(job)
        self.assert_well(60)
        self.assertEqual('backup', ovn.states()[lost])
        self.assert_all_have(self.switch, *client.added)

    def test_all_controllers_come_back_from_one_moment_of_a_freeze(self):
        self.assert_consistent('freeze')
        self.assert_well()
        self.assertEqual(['active', 'backup', 'backup'],
                         sorted(ovn.states().values()))
        self.assert_all_have(self.switch)
