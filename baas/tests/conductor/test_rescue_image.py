# SPDX-License-Identifier: Apache-2.0
"""What a job makes of a rescue image that a node has, or has not."""
import json

from baas.conductor import workdir
from baas.db import events
from baas.requests import submit
from baas.tests.conductor import base

STORED = {'kernel': {'object': 'undercloud-0/rescue/00', 'sha256': '00',
                     'size': 5}}
DISKS = [{'name': '/dev/sda', 'size': 9}]


class TestRescueImage(base.ConductorTest):

    def back_up(self, result):
        self.scenario({
            'prepare': {'*': {'verb': 'rescue', 'result': result}},
            'capture': {'*': {'result': base.CAPTURED}}})
        job = self.run_job(submit.backup('undercloud', stopall=False))
        self.assertEqual(('done', None), (job.state, job.error_cause))
        return job

    def asked(self, job):
        path = workdir.root() / job.id / 'verify-undercloud-0.json'
        return json.loads(path.read_text())

    def test_it_goes_into_the_manifest_with_the_disks_that_it_makes(self):
        asked = self.asked(self.back_up({'rescue': STORED, 'disks': DISKS}))
        self.assertEqual(STORED, asked['manifest']['rescue'])
        self.assertEqual(DISKS, asked['capture']['layout']['disks'])

    def test_none_is_a_warning_in_the_log_and_no_failure(self):
        job = self.back_up({'warning': {'cause': 'ReaR is not installed.',
                                        'hint': 'Install it.'}})
        self.assertEqual(
            ['ReaR is not installed. Install it.'],
            [row.message for row in events.page(job.id, limit=1000)
             if row.level == 'warning' and row.node == 'undercloud-0'])
        self.assertEqual({}, self.asked(job)['manifest']['rescue'])
