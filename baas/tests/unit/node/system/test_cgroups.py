# SPDX-License-Identifier: Apache-2.0
import os

from baas.node.system import cgroups
from baas.tests.unit.node import base


class GoneTest(base.NodeTest):

    def test_a_group_that_is_gone_needs_no_thaw_and_is_not_frozen(self):
        cgroups.thaw(self.path('gone'))
        self.assertFalse(cgroups.is_frozen(self.path('gone')))
        self.assertEqual([self.path('gone')],
                         cgroups.wait([self.path('gone')], 0))

    def test_programs_that_have_ended_meanwhile_are_not_named(self):
        with open('/proc/self/comm') as handle:
            name = handle.read().strip()
        # No process has such a number.
        self.write('group/cgroup.procs', '%d\n%d\n' % (2**22 + 1, os.getpid()))
        os.mkdir(self.path('group', 'gone'))
        os.symlink('nowhere', self.path('group', 'gone', 'cgroup.procs'))
        self.assertEqual({name}, cgroups.processes(self.path('group')))
