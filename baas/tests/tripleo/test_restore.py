# SPDX-License-Identifier: Apache-2.0
"""Controllers in containers are lost, and come back as they were."""
from baas.tests.lab import consistency
from baas.tests.lab import service as services
from baas.tests.lab import test_lab
from baas.tests.tripleo import containers

setUpModule = test_lab.setUpModule
NODE = 'controller-1'


class TestRestore(consistency.ConsistencyTest):
    CLIENTS = dict.fromkeys(services.CONTROLLERS, 'podman exec $(podman ps '
                            '-q --filter name=galera-bundle) mysql')

    def test_a_lost_controller_comes_back_with_all_its_containers(self):
        self.addCleanup(containers.unmake, NODE)
        containers.make(NODE)
        there = containers.look(NODE)
        layer = containers.own_layer(NODE)
        self.assert_done(test_lab.service.backup())
        services.lab('wreck', NODE)
        job = test_lab.service.restore_lost(NODE)
        self.assert_done(job)
        self.assert_well(60)
        self.assertEqual(there, containers.look(NODE))
        # Nobody starts it after a boot; it is there, and can be.
        self.assertIn(containers.state(NODE, 'started_by_hand'),
                      ('exited', 'created'))
        self.addCleanup(containers.start, NODE, 'started_by_hand')
        containers.start(NODE, 'started_by_hand')
        self.assertEqual(layer, containers.own_layer(NODE))
        again = test_lab.service.backup()
        self.assert_done(again)
        self.assert_available(again['id'])

    def test_all_controllers_come_back_from_one_moment_of_a_freeze(self):
        writer = self.assert_consistent('freeze')
        self.assertEqual([], writer.errors)
        self.assert_well()
