# SPDX-License-Identifier: Apache-2.0
"""The moment against real machines: whatever dies in it, all comes back."""
from concurrent import futures
import os
import signal
import time

from baas.tests.lab import service as services
from baas.tests.lab import test_lab

service = None


def setUpModule():
    global service
    services.lab('up')
    service = services.Service()
    service.start()


def tearDownModule():
    service.remove()


class TestMoment(test_lab.LabTest):

    def test_services_come_back_when_the_service_dies_while_they_rest(self):
        job = begin_to_rest(self)
        service.stop(signal.SIGKILL)
        # The moment goes on by itself and brings all back.
        self.assertTrue(services.is_well(240))
        service.start()
        self.assertEqual('error', service.wait(job['id'])['state'])
        self.assert_no_leftovers()
        self.assert_done(service.backup())

    def test_services_come_back_when_nobody_is_left_but_the_dead_men(self):
        job = begin_to_rest(self)
        service.stop(signal.SIGKILL)
        leader = service.leader(job['id'])[0]
        # It must not call anew the nodes whose sessions are killed.
        os.kill(leader, signal.SIGSTOP)
        with futures.ThreadPoolExecutor() as pool:
            list(pool.map(lambda node: services.on(node, KILL, check=False),
                          services.CONTROLLERS))
        os.kill(leader, signal.SIGKILL)
        # [moment] within is 60 s.
        self.assertTrue(services.is_well(240))
        for node in services.CONTROLLERS:
            self.assertIn('"fired": true', services.on(
                node, 'cat /var/lib/baas-node/record.json'))
        service.start()
        self.assertEqual('error', service.wait(job['id'])['state'])
        self.assert_no_leftovers()


KILL = 'pkill -9 -f "[b]aas-node moment"'
KEYSTONE = 'systemctl is-active tripleo_keystone'


def begin_to_rest(test):
    """Begin a backup, wait until the first service rests; give the
    job."""
    job = service.submit('/v1/backup/overcloud?stopall=yes')
    service.wait_for_step(job['id'], 'moment')
    until = time.monotonic() + 120
    while 'inactive' not in services.on('controller-0', KEYSTONE,
                                        check=False):
        test.assertLess(time.monotonic(), until, 'nothing rests')
    return job
