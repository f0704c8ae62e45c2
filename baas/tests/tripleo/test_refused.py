# SPDX-License-Identifier: Apache-2.0
"""What stands in the way of a set at rest: refused by name, nothing stops."""
import time

from baas.tests.lab import machines
from baas.tests.lab import service as services
from baas.tests.lab import test_lab
from baas.tests.tripleo import containers

setUpModule = test_lab.setUpModule
NODE = 'controller-0'
_PROPERTY = 'crm_attribute --type crm_config --name '


class TestRefused(test_lab.LabTest):

    def setUp(self):
        super().setUp()
        self.before = containers.states()

    def refused(self, **how):
        """Ask for a set at rest; give what it is refused for."""
        job = test_lab.service.backup(stopall='yes', **how)
        self.assertEqual(('error', 'check'),
                         (job['state'], job['error']['step']))
        self.assertIn(job['error']['node'], services.CONTROLLERS)
        self.assertEqual(self.before, containers.states())
        return job['error']['cause']

    def set(self, name, value):
        self.addCleanup(machines.on, NODE, f'{_PROPERTY}{name} --delete')
        machines.on(NODE, f'{_PROPERTY}{name} --update {value}')

    def test_an_update_that_holds_the_lock_of_the_cluster(self):
        self.set('tripleo-shutdown-lock',
                 f'controller-2:{int(time.time()) + 600}')
        self.assertRegex(self.refused(),
                         'controller-2 holds.*tripleo-shutdown-lock')

    def test_a_cluster_in_maintenance(self):
        self.set('maintenance-mode', 'true')
        self.assertRegex(self.refused(), 'does not manage .* on this node')

    def test_a_bundle_that_is_not_managed(self):
        words = ('crm_resource --resource galera-bundle --meta '
                 '--set-parameter is-managed --parameter-value ')
        self.addCleanup(machines.on, NODE, words + 'true')
        machines.on(NODE, words + 'false')
        self.assertRegex(self.refused(), 'does not manage galera')
