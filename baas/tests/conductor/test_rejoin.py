# SPDX-License-Identifier: Apache-2.0
"""What the databases of OVN do when a member comes back; what members and the
node say is told by a scenario."""
import json

from baas.conductor import workdir
from baas.requests import restores
from baas.tests.conductor import restoring

NAME = 'OVN_Northbound'
LIVING = {'cluster_id': 'c', 'servers': {'1': 'tcp:a', '2': 'tcp:lost'}}
JOINING = {'name': NAME, 'address': 'tcp:lost', 'server_id': '3'}


def having(*, leader):
    """Say what a member has."""
    return {'verb': 'check', 'result': {
        'hostname': 'x', 'galera': None, 'rabbitmq': None, 'pacemaker': None,
        'shared': {}, 'ovn': {NAME: {
            **LIVING, 'leader': leader}}}}


class RejoinTest(restoring.PlanTest):

    def options(self, *, leader, joining=()):
        """Restore controller-0; give the options of each step's verbs."""
        self.scenario({
            'plan': {'controller-1': having(leader=leader),
                     'controller-2': {'verb': 'check', 'result': {
                         **having(leader=leader)['result'], 'ovn': {}}}},
            'recover': {'controller-0': {'verb': 'recover', 'result': {
                'joining': list(joining)}}}})
        job = self.run_job(restores.restore(self.ids['controller-0'],
                                            'controller-0'))
        self.assertEqual('done', job.state, job.error_cause)
        return {step: json.loads((
            workdir.root() / job.id / f'{step}-1' / 'env' / 'extravars')
            .read_text())['baas_options']
            for step in ('recover', 'rejoin', 'check')}

    def test_what_lives_is_joined_anew_and_forgets_the_lost_one_before(self):
        told = self.options(leader=True, joining=[
            dict(JOINING, path='/var/lib/ovn/ovnnb_db.db')])
        self.assertEqual({NAME: LIVING},
                         told['recover']['controller-0']['recover']['ovn'])
        for peer in ('controller-1', 'controller-2'):
            self.assertEqual(
                [JOINING], told['rejoin'][peer]['forget_member']['ovn'])
        self.assertEqual(
            [NAME], told['check']['controller-0']['wait_healthy']['ovn'])

    def test_a_cluster_without_a_leader_is_not_joined(self):
        told = self.options(leader=False)
        self.assertEqual({},
                         told['recover']['controller-0']['recover']['ovn'])
        self.assertEqual(
            [], told['rejoin']['controller-1']['forget_member']['ovn'])
        self.assertEqual(
            [], told['check']['controller-0']['wait_healthy']['ovn'])
