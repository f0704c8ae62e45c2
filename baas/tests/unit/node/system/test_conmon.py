# SPDX-License-Identifier: Apache-2.0
"""Monitors that wait for monitors of others, as processes of those names."""
import os
import signal
import subprocess
import sys
import time

from baas.node.system import cgroups
from baas.node.system import conmon
from baas.node.system import clock
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

_TREE = '''
import subprocess, sys, time
open('/proc/self/comm', 'w').write('conmon')
name = """
import sys, time
open('/proc/self/comm', 'w').write(sys.argv[1])
print('there', flush=True)
time.sleep(600)
"""
for one in sys.argv[1:]:
    child = subprocess.Popen([sys.executable, '-c', name, one],
                             stdout=subprocess.PIPE)
    child.stdout.readline()
print('there', flush=True)
time.sleep(600)
'''


class LingeringTest(base.NodeTest):
    def monitor(self, *children, state='stop-sigterm'):
        """Begin a monitor with children of some names, of a unit."""
        process = subprocess.Popen(
            [sys.executable, '-c', _TREE, *children], text=True,
            stdout=subprocess.PIPE, start_new_session=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(self.end, process.pid)
        process.stdout.readline()
        standins.units(self, agent__service={
            'SubState': state, 'MainPID': str(process.pid)})
        return process

    @staticmethod
    def end(group):
        subprocess.run(['pkill', '-KILL', '-s', str(group)], check=False)

    def look(self, seconds, process=None):
        """Look for so long, or until a process has ended."""
        found = conmon.Lingering(clock.boottime)
        until = time.monotonic() + seconds
        while time.monotonic() < until and (
                process is None or process.poll() is None):
            found.look(['agent.service'])
            time.sleep(0.1)

    def test_one_that_waits_for_monitors_alone_is_ended(self):
        process = self.monitor('conmon', 'conmon')
        self.look(60, process)
        self.assertEqual(-signal.SIGKILL, process.wait(10))

    def test_so_is_one_in_the_group_of_a_unit_that_has_lost_its_main_process(
            self):
        process = self.monitor('conmon')
        name = 'baas-test-conmon-%d' % os.getpid()
        place = os.path.join(cgroups.top(), name)
        os.mkdir(place)
        self.addCleanup(os.rmdir, place)
        self.addCleanup(process.wait)
        self.addCleanup(self.end, process.pid)
        with open(os.path.join(place, 'cgroup.procs'), 'w') as handle:
            handle.write(str(process.pid))
        standins.units(self, agent__service={
            'SubState': 'final-sigterm', 'MainPID': '0',
            'ControlGroup': '/' + name})
        self.look(60, process)
        self.assertEqual(-signal.SIGKILL, process.wait(10))

    def test_one_with_a_container_of_its_own_is_left_to_systemd(self):
        process = self.monitor('conmon', 'neutron-server')
        self.look(1.5)
        self.assertIsNone(process.poll())

    def test_one_without_children_is_left_to_systemd(self):
        process = self.monitor()
        self.look(1.5)
        self.assertIsNone(process.poll())

    def test_one_whose_stop_command_still_runs_is_left_to_it(self):
        process = self.monitor('conmon', state='stop')
        self.look(1.5)
        self.assertIsNone(process.poll())

    def test_one_is_not_ended_at_the_first_sight(self):
        self.addCleanup(setattr, conmon, '_PATIENCE', conmon._PATIENCE)
        conmon._PATIENCE = 60
        process = self.monitor('conmon')
        self.look(0.3)
        self.assertIsNone(process.poll())
