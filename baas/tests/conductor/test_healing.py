# SPDX-License-Identifier: Apache-2.0
"""A backup of a node of which another one is damaged."""
import json

from baas.conductor import workdir
from baas.db import backups
from baas.db import jobs
from baas.db.verification import memory
from baas.requests import submit
from baas.requests import verifications
from baas.tests.conductor import base
from baas.tests import fixtures

NODE = 'undercloud-0'
DAMAGES = [{'node': NODE, 'object': f'{NODE}/restic/data/ab/ab',
            'what': 'is gone', 'files': []}]


class HealingTest(base.ConductorTest):

    def damaged(self, **columns):
        """Write a damaged backup; give its id."""
        return fixtures.add_backup(**{
            'node': NODE, 'target': 'undercloud', 'status': 'error',
            'error': 'It is damaged.', 'damages': DAMAGES, **columns})

    def take(self):
        """Take a backup; give the job and what its prepare was told."""
        job = self.run_job(submit.backup('undercloud', stopall=False))
        self.assertEqual(('done', None), (job.state, job.error_cause))
        path = workdir.root() / job.id / 'prepare-1/env/extravars'
        return job, json.loads(path.read_text())

    def verifications(self):
        """Give the jobs that verify."""
        return jobs.page(filters={'kind': 'verify'})

    def test_without_damage_nothing_is_repaired_and_nothing_is_verified(self):
        _job, told = self.take()
        self.assertEqual(('nobody', {}), (told['baas_damaged'],
                                          told['baas_storage_jobs']))
        self.assertEqual([], self.verifications())

    def test_what_is_damaged_is_repaired_before_and_looked_at_after(self):
        id = self.damaged()
        memory.remember(NODE, {'a': (1, 'is gone'), 'b': (1, None)})
        job, told = self.take()
        self.assertEqual(NODE, told['baas_damaged'])
        with open(told['baas_storage_jobs'][NODE]) as file:
            self.assertEqual({'node': NODE, 'faulty': ['a']},
                             json.load(file))
        path = workdir.root() / job.id / f'verify-{NODE}.json'
        self.assertTrue(json.loads(path.read_text())['damaged'])
        [look] = self.verifications()
        self.assertEqual((id, 'queued'), (look.backup_id, look.state))

    def test_the_look_after_it_makes_the_earlier_one_whole_again(self):
        id = self.damaged()
        self.take()
        self.scenario({'read': {NODE: {'verb': 'scrub', 'result': {
            'node': NODE, 'unneeded': [], 'backups': {id: {
                'damages': [], 'damages_total': 0, 'age_seconds': 9.0}}}}}})
        self.run_job(self.verifications()[0])
        row = backups.get(id)
        self.assertEqual(('available', None), (row.status, row.damages))

    def test_a_verification_gives_way_to_the_repair(self):
        self.damaged()
        reading = verifications.verify(fixtures.add_backup(
            node=NODE, target='undercloud'))
        self.take()
        self.assertEqual('cancelled', jobs.get(reading.id).state)

    def test_an_archive_is_repaired_by_nobody(self):
        self.service.conf.config(group='payload', kind='tar')
        self.damaged(payload='tar')
        self.scenario({'capture': {'*': {'result': {
            **base.CAPTURED, 'kind': 'tar'}}}})
        self.assertEqual('nobody', self.take()[1]['baas_damaged'])

    def test_a_repair_that_fails_fails_the_backup_before_it_stores(self):
        self.damaged()
        self.scenario({'prepare': {NODE: {'fail': 'It cannot be repaired.'}}})
        job = self.run_job(submit.backup('undercloud', stopall=False))
        self.assertEqual(('error', 'prepare'), (job.state, job.error_step))
        self.assertNotIn('capture', self.steps_done())
