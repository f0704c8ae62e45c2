# SPDX-License-Identifier: Apache-2.0
"""The restore of a whole set; what the nodes do is told by a scenario."""
import json
import uuid

from oslo_config import cfg

from baas.conductor import workdir
from baas.jobs import plans
from baas import keys
from baas.requests import restores
from baas.storage import driver as storage
from baas.storage import manifest
from baas.tests.conductor import base
from baas.tests import fixtures

NODES = ('controller-0', 'controller-1', 'controller-2')
CLUSTER = '3b1f0c55-5d8e-11ef-8a2c-0b6d7e1f9a10'
BEFORE = {'galera': {'size': 3}, 'pacemaker': {'online': list(NODES)},
          'rabbitmq': {'running': ['rabbit@' + node for node in NODES]}}


def at(seqno, cluster=CLUSTER):
    """Say that a node's database has come so far."""
    return {'verb': 'galera_position', 'result': {'galera': {
        'uuid': cluster, 'seqno': seqno, 'safe': False}}}


class TestRestoreSet(base.ConductorTest):

    def setUp(self):
        super().setUp()
        key = keys.load(cfg.CONF.payload.key_file)
        place = storage.load(cfg.CONF, key.cloud)
        self.set_id = str(uuid.uuid4())
        for node in NODES:
            id = fixtures.add_backup(node=node, set_id=self.set_id)
            about = {'backup': id, 'cloud': key.cloud,
                     'set': self.set_id, 'name': 'nightly',
                     'target': 'overcloud', 'node': node, 'created': '',
                     'stopall': False, 'quiesce_mode': 'none', 'quiesced': [],
                     'outage_seconds': 0.0, 'service_outages': {},
                     'versions': {}}
            manifest.write(place, key, manifest.build(about, {
                **base.CAPTURED, 'kind': 'restic', 'disk_bytes': 2000,
                'layout': {'hostname': node + '.example.org'}}))
        self.story = {
            'recover': {'*': {'result': {'before': BEFORE}}},
            'boot': {node: at(number) for node, number in zip(
                NODES, (7, 9, 9))}}

    def restore(self):
        """Restore the set here and now; give the job."""
        self.scenario(self.story)
        return self.run_job(restores.restore_set(self.set_id))

    def asked(self, job, step):
        """Give what a step was told about each node."""
        path = workdir.root() / job.id / f'{step}-1' / 'env' / 'extravars'
        return json.loads(path.read_text())['baas_options']

    @base.with_ansible
    def test_all_nodes_go_through_each_step_and_start_a_cluster_anew(self):
        job = self.restore()
        self.assertEqual(('done', None), (job.state, job.error_cause))
        self.assertEqual([step.name for step in plans.build('restore')],
                         self.steps_done())
        for step in self.steps_done():
            self.assertEqual(NODES, tuple(sorted(
                entry['node'] for entry in self.done()
                if entry['step'] == step)), step)
        for node, told in self.asked(job, 'recover').items():
            # Images keep their share of the clusters.
            self.assertEqual((True, False), (told['recover']['new_cluster'],
                                             told['recover']['rejoin']))
        for node, told in self.asked(job, 'rejoin').items():
            # One of those that have seen most starts, those who were
            # members are waited for.
            self.assertEqual(node == 'controller-1',
                             told['start_services']['first'])
            self.assertEqual({'galera_size': 3, 'online': 3, 'rabbitmq': 3},
                             told['start_services']['ready'])

    def test_what_only_a_running_cluster_can_undo_is_handed_on(self):
        owed = [{'kind': 'ceph', 'thing': 'noout', 'stage': 0}]
        self.story['recover']['controller-2'] = {
            'result': {'before': BEFORE, 'undos': owed}}
        told = self.asked(self.restore(), 'rejoin')
        self.assertEqual([[], [], owed], [told[node]['start_services']['undos']
                                          for node in NODES])

    def test_where_pacemaker_runs_the_database_nobody_is_appointed(self):
        self.story['boot'] = {'*': {'verb': 'galera_position',
                                    'result': {'galera': None}}}
        told = self.asked(self.restore(), 'rejoin')
        self.assertEqual([None], list({told[node]['start_services']['first']
                                       for node in NODES}))

    def test_a_database_of_another_cluster_starts_nothing(self):
        other = str(uuid.uuid4())
        self.story['boot']['controller-0'] = at(99, other)
        self.story['boot']['controller-1'] = at(100)
        job = self.restore()
        self.assertEqual(('error', 'controller-0', 'boot'),
                         (job.state, job.error_node, job.error_step))
        self.assertIn(other, job.error_cause)
        self.assertNotIn('rejoin', self.steps_done())
        self.assertEqual(['release', 'boot_cleanup'], self.steps_done()[-2:])

    def test_a_disk_that_is_not_blank_stops_it_before_anything_is_done(self):
        self.story['plan'] = {'controller-2': {'fail': 'It is not empty.'}}
        job = self.restore()
        self.assertEqual(('error', 'controller-2', 'plan'),
                         (job.state, job.error_node, job.error_step))
        self.assertEqual(['plan'], self.steps_done())

    def test_a_node_that_fails_to_recover_stops_it_before_any_boots(self):
        self.story['recover']['controller-1'] = {'fail': 'Disk error.'}
        job = self.restore()
        self.assertEqual('Disk error.', job.error_cause)
        self.assertEqual(['plan', 'rescue', 'prepare', 'recover',
                          'release', 'boot_cleanup'],
                         self.steps_done())
