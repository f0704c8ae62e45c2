# SPDX-License-Identifier: Apache-2.0
"""Sets of a control plane in containers, as users of its cloud see them."""
from baas.tests.lab import cloud
from baas.tests.lab import test_lab
from baas.tests.tripleo import containers

setUpModule = test_lab.setUpModule


class TestBackup(test_lab.LabTest):

    def test_a_set_at_work_is_noticed_by_no_user(self):
        job, users = cloud.set_beside_users(test_lab.service)
        self.assert_done(job)
        self.assert_available(job['id'])
        self.assertEqual([], users.database.errors)
        self.assertEqual([], users.tokens.errors)
        self.assert_well()

    def test_a_frozen_set_fails_no_request_and_starts_nothing_that_ended(self):
        before = containers.states()
        test_lab.service.restart(mode='freeze')
        self.addCleanup(test_lab.service.restart)
        job, users = cloud.set_beside_users(test_lab.service, stopall='yes')
        self.assert_done(job)
        self.assertEqual([], users.database.errors)
        self.assertEqual([], users.tokens.errors)
        self.assertEqual(before, containers.states())
        self.assert_well()

    def test_a_stopped_set_starts_what_ran_and_nothing_that_had_ended(self):
        before = containers.states()
        job = test_lab.service.backup(stopall='yes')
        self.assert_done(job)
        self.assert_well()
        self.assertEqual(before, containers.states())

    def test_the_undercloud_in_containers_is_backed_up_at_rest(self):
        job = test_lab.service.backup('undercloud', stopall='yes')
        self.assert_done(job)
        self.assert_available(job['id'], ['undercloud'])
        self.assert_no_leftovers(['undercloud'])
        self.assert_well()
