# SPDX-License-Identifier: Apache-2.0
"""A set is one consistency point of all nodes and of the database."""
from baas.tests.lab import consistency
from baas.tests.lab import machines
from baas.tests.lab import test_lab as lab


setUpModule = lab.setUpModule


class TestConsistency(consistency.ConsistencyTest):

    def test_a_frozen_set_is_one_moment_and_no_client_sees_an_error(self):
        writer = self.assert_consistent('freeze')
        self.assertEqual([], writer.errors)

    def test_a_set_is_not_restored_over_controllers_that_live(self):
        restore = lab.service.wait(lab.service.submit(
            f'/v1/restore/{lab.service.some_set()}')['id'])
        self.assertEqual(('error', 'plan'),
                         (restore['state'], restore['error']['step']))
        self.assertEqual([], machines.complaints(10))
        self.assert_no_leftovers()
