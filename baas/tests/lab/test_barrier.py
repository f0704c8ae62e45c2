# SPDX-License-Identifier: Apache-2.0
"""The barrier against real machines: whatever dies in it, all comes back."""
from concurrent import futures
import os
import signal
import time

from baas.tests.lab import machines
from baas.tests.lab import service as services
from baas.tests.lab import test_lab

setUpModule = test_lab.setUpModule


class TestMoment(test_lab.LabTest):
    """That the service alone dies is a row of the fault matrix."""

    def test_services_come_back_when_nobody_is_left_but_the_dead_men(self):
        job = begin_to_rest(self)
        test_lab.service.stop(signal.SIGKILL)
        leader = test_lab.service.leader(job['id'])[0]
        # It must not call anew the nodes whose sessions are killed.
        os.kill(leader, signal.SIGSTOP)
        with futures.ThreadPoolExecutor() as pool:
            list(pool.map(lambda node: machines.on(node, KILL, check=False),
                          services.CONTROLLERS))
        os.kill(leader, signal.SIGKILL)
        # [quiesce] deadman_timeout is 60 s.
        self.assertEqual([], machines.complaints(240))
        for node in services.CONTROLLERS:
            self.assertIn('"deadman_fired": true', machines.on(
                node, 'cat /var/lib/baas-node/journal.json'))
        test_lab.service.start()
        self.assertEqual('error', test_lab.service.wait(job['id'])['state'])
        self.assert_no_leftovers()


KILL = 'pkill -9 -f "[b]aas-node barrier"'
KEYSTONE = 'systemctl is-active ' + (
    'kolla-keystone-container' if services.SHAPE == 'kolla'
    else 'tripleo_keystone')


def begin_to_rest(test):
    """Begin a backup, wait until each node has quiesced its first service;
    give the job."""
    job = test_lab.service.submit('/v1/backup/overcloud?stopall=yes')
    test_lab.service.wait_for_step(job['id'], 'snapshot')
    until = time.monotonic() + 120
    while any('inactive' not in machines.on(node, KEYSTONE, check=False)
              for node in services.CONTROLLERS):
        test.assertLess(time.monotonic(), until, 'nothing is quiesced')
    return job
