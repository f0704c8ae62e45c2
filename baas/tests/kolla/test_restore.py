# SPDX-License-Identifier: Apache-2.0
"""Controllers of kolla-ansible are lost, and come back as they were."""
from baas.tests.kolla import containers
from baas.tests.lab import consistency
from baas.tests.lab import service as services
from baas.tests.lab import test_lab

setUpModule = test_lab.setUpModule


class TestRestore(consistency.ConsistencyTest):
    CLIENTS = {node: f'{engine} exec mariadb env MYSQL_PWD=lab-root mariadb'
               for node, engine in containers.ENGINES.items()}

    def assert_comes_back(self, node):
        there = containers.look_at(node)
        self.assert_done(test_lab.service.backup())
        services.lab('wreck', node)
        job = test_lab.service.restore_lost(node)
        self.assert_done(job)
        self.assert_well(60)
        self.assertEqual(there, containers.look_at(node))

    def test_a_lost_controller_of_podman_comes_back(self):
        self.assert_comes_back('controller-1')

    def test_a_lost_controller_of_docker_comes_back(self):
        self.assert_comes_back('controller-2')

    def test_all_controllers_come_back_from_one_moment_of_a_stop(self):
        self.assert_consistent('stop')
        self.assert_well()

    def test_all_controllers_come_back_from_one_moment_of_a_freeze(self):
        writer = self.assert_consistent('freeze')
        self.assertEqual([], writer.errors)
        self.assert_well()
