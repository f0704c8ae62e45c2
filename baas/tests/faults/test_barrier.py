# SPDX-License-Identifier: Apache-2.0
"""Faults while services are quiesced: all come back, and the job says why."""
import time

from baas.tests.lab import consistency
from baas.tests.lab import machines
from baas.tests.lab import service as services
from baas.tests.lab import test_barrier
from baas.tests.lab import test_lab as lab


setUpModule = lab.setUpModule


class TestStop(consistency.ConsistencyTest):

    def test_a_stop_is_one_moment_of_all_nodes_and_the_database(self):
        self.assert_consistent('stop')


class TestFaultsAtRest(lab.LabTest):

    def test_a_node_that_is_cut_off_at_rest_resumes_and_so_do_the_others(self):
        job = test_barrier.begin_to_rest(self)
        services.lab('cut', 'controller-2')
        try:
            until = time.monotonic() + 120
            while 'inactive' in machines.on(
                    'controller-0', test_barrier.KEYSTONE, check=False):
                self.assertLess(time.monotonic(), until, 'nothing is back')
            # Nobody can call it: it has come back by itself.
            step = lab.service.wait_for_end_of_step(job['id'], 'snapshot')
        finally:
            services.lab('mend', 'controller-2')
        self.assertEqual('error', step['state'])
        job = lab.service.wait(job['id'])
        self.assertEqual(('error', 'controller-2', 'snapshot'), (
            job['state'], job['error']['node'], job['error']['step']))
        # A broker that starts without seeing the others gives up after ten
        # minutes, and joins when systemd starts it again.
        self.assertEqual([], machines.complaints(780))
        # The release may have ended before that: the next job finishes it.
        self.assert_done(lab.service.backup())
        self.assert_no_leftovers()

    def test_a_cancel_while_services_rest_brings_them_back(self):
        job = test_barrier.begin_to_rest(self)
        self.assertEqual(202, lab.service.call(
            'POST', f'/v1/job/{job["id"]}/cancel')[0])
        self.assertEqual('cancelled', lab.service.wait(job['id'])['state'])
        self.assertEqual([], machines.complaints(120))
        self.assert_no_leftovers()
