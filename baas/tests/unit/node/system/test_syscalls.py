# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import sys

from baas.node.system import syscalls
from baas.tests.unit.node import base

MOUNT = '''
import sys
from baas.node.system import syscalls
place = sys.argv[1].encode()
syscalls.own_mounts()
syscalls.mount(b'none', place, 'tmpfs', 'size=1m')
try:
    open(place + b'/file', 'w')
except OSError as error:
    print(error.strerror)
'''


class MountTest(base.NodeTest):

    @base.needs_root
    def test_a_file_system_is_mounted_read_only_and_for_one_process(self):
        os.mkdir(self.path('place'))
        said = subprocess.run(
            [sys.executable, '-c', MOUNT, self.path('place')],
            stdout=subprocess.PIPE, check=True).stdout
        self.assertEqual(b'Read-only file system\n', said)
        self.assertFalse(os.path.ismount(self.path('place')))


class ChildrenTest(base.NodeTest):

    def test_a_process_that_has_ended_has_no_children(self):
        # No process has such a number.
        self.assertEqual([], syscalls.children(2**22 + 1))

    def test_children_are_those_that_still_run(self):
        child = subprocess.Popen(['cat'], stdin=subprocess.PIPE)
        self.assertIn(child.pid, syscalls.children(os.getpid()))
        child.communicate()
        self.assertNotIn(child.pid, syscalls.children(os.getpid()))
