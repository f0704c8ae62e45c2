# SPDX-License-Identifier: Apache-2.0
"""Which member keeps the cluster from fencing a machine that is restored."""
import json

from baas.conductor import workdir
from baas.requests import restores
from baas.tests.conductor import restoring

CLUSTER = {'verb': 'check', 'result': {
    'hostname': 'x', 'galera': None, 'rabbitmq': None,
    'pacemaker': {'quorum': True, 'online': ['controller-2'],
                  'offline': ['controller-0']}}}


class FenceTest(restoring.PlanTest):

    def told(self, step, **members):
        """Restore controller-0; give what a step was told."""
        self.scenario({'plan': members} if members else {})
        job = self.run_job(restores.restore(self.ids['controller-0'],
                                            'controller-0'))
        self.assertEqual('done', job.state, job.error_cause)
        path = workdir.root() / job.id / f'{step}-1' / 'env' / 'extravars'
        return json.loads(path.read_text())

    def test_a_living_member_of_its_cluster_does_so(self):
        self.service.conf.config(group='runner', time_limits={
            'restore/recover': '6000'})
        told = self.told('rescue', **{'controller-2': CLUSTER})
        self.assertEqual('controller-2', told['baas_fencing_suppressor'])
        spare = told['baas_options']['controller-2']['suppress_fencing']
        self.assertEqual(['controller-0'], spare['hosts'])
        # As long as a restore may take.
        self.assertGreater(spare['deadman_timeout'], 100 * 3600)

    def test_where_there_is_no_cluster_nobody_does(self):
        self.assertEqual('nobody',
                         self.told('rescue')['baas_fencing_suppressor'])

    def test_whoever_it_was_is_released(self):
        self.assertEqual('controller-1,controller-2',
                         self.told('release')['baas_other_members'])
