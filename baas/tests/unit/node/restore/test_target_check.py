# SPDX-License-Identifier: Apache-2.0
from baas.node import errors
from baas.node.restore import target_check
from baas.tests.unit.node import base


class BlankTest(base.NodeTest):

    def test_the_root_of_the_rescue_itself_is_refused(self):
        with self.assertRaises(errors.NodeError):
            target_check.require_blank('/', base.JOB)

    def test_a_folder_that_is_no_mount_point_is_refused(self):
        with self.assertRaises(errors.NodeError):
            target_check.require_blank(self.folder, base.JOB)
