# SPDX-License-Identifier: Apache-2.0
"""Sets of a control plane of kolla-ansible, as users of its cloud see them."""
from baas.tests.kolla import containers
from baas.tests.lab import cloud
from baas.tests.lab import test_lab

setUpModule = test_lab.setUpModule


class TestBackup(test_lab.LabTest):

    def test_a_set_at_work_is_noticed_by_no_user(self):
        job, users = cloud.set_beside_users(test_lab.service)
        self.assert_done(job)
        self.assert_available(job['id'])
        self.assertEqual([], users.database.errors)
        self.assertEqual([], users.tokens.errors)
        self.assert_well()

    def test_a_frozen_set_fails_no_request(self):
        before, untouched = containers.look(), containers.untouched()
        test_lab.service.restart(mode='freeze')
        self.addCleanup(test_lab.service.restart)
        job, users = cloud.set_beside_users(test_lab.service, stopall='yes')
        self.assert_done(job)
        self.assertEqual([], users.database.errors)
        self.assertEqual([], users.tokens.errors)
        self.assertEqual((before, untouched),
                         (containers.look(), containers.untouched()))
        self.assert_well()

    def test_a_stopped_set_starts_its_cluster_again_and_what_ran(self):
        before, untouched = containers.look(), containers.untouched()
        job = test_lab.service.backup(stopall='yes')
        self.assert_done(job)
        self.assert_well()
        self.assertEqual((before, untouched),
                         (containers.look(), containers.untouched()))
