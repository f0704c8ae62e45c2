# SPDX-License-Identifier: Apache-2.0
"""Jobs that are taken over where the configuration is not what it was."""
import json

import sqlalchemy as sa

from baas.conductor import recovery
from baas.db import jobs
from baas.db import models
from baas.db import session
from baas.db import steps
from baas.requests import restores
from baas.requests import submit
from baas.tests.conductor import base
from baas.tests.conductor import restoring
from baas.tests.conductor import test_take_over
from baas.tests import fixtures

NODES = list(restoring.NODES)


class BackupTest(base.ConductorTest):

    def leave_behind(self, step='snapshot'):
        """Claim a backup and die in the middle of a step."""
        return test_take_over.leave_behind(
            submit.backup('overcloud', stopall=True), step)

    def take_over(self, job):
        """Have another conductor undo and close a job; give its row."""
        recovery.take_over(jobs.get(job.id))
        return jobs.get(job.id)

    def released(self):
        return sorted(entry['node'] for entry in self.done()
                      if entry['step'] == 'release')

    def step_states(self, job):
        return {row.name: row.state for row in steps.by_job(job.id)}

    def have_inventory(self, **groups):
        path = self.service.folder / 'inventory.json'
        path.write_text(json.dumps({
            group: {'hosts': {name: {} for name in names}}
            for group, names in groups.items()}))
        self.service.conf.config(group='runner', inventory=str(path))

    def test_nodes_are_released_though_no_storage_can_be_used(self):
        job = self.leave_behind()
        self.service.conf.config(group='storage_file', path='')
        row = self.take_over(job)
        self.assertEqual(NODES, self.released())
        self.assertEqual('done', self.step_states(job)['release'])
        self.assertEqual('The conductor that worked on the job is gone.',
                         row.error_cause)
        self.assertNotIn('quiesced', row.error_hint)

    def test_a_job_begins_with_nothing_where_no_storage_can_be_used(self):
        job = submit.backup('overcloud', stopall=True)
        self.service.conf.config(group='storage_file', path='')
        row = self.run_job(job)
        self.assertEqual('[storage_file] path is no absolute path.',
                         row.error_cause)
        self.assertNotIn('quiesced', row.error_hint)
        self.assertEqual({'skipped'}, set(self.step_states(job).values()))
        self.assertEqual([], self.done())

    @base.with_ansible
    def test_nodes_are_released_though_no_target_has_them_any_more(self):
        job = self.leave_behind()
        self.service.conf.config(group='targets', overcloud=['Elsewhere'])
        self.assertNotIn('quiesced', self.take_over(job).error_hint)
        self.assertEqual(NODES, self.released())

    def test_nodes_that_the_inventory_lacks_are_named_with_a_command(self):
        job = self.leave_behind()
        self.have_inventory(Controller=NODES[:1])
        row = self.take_over(job)
        self.assertEqual(NODES[:1], self.released())
        self.assertEqual('error', self.step_states(job)['release'])
        self.assertEqual(
            'controller-1, controller-2 may still be quiesced: run '
            f'"/var/lib/baas-node/baas-node release --job {job.id} --epoch 2" '
            'there as root.', row.error_hint)

    @base.with_ansible
    def test_ansible_passes_over_a_node_that_the_inventory_lacks(self):
        job = self.leave_behind()
        self.have_inventory(Controller=NODES[:2])
        self.assertRegex(self.take_over(job).error_hint,
                         '^controller-2 may still be quiesced: ')
        self.assertEqual(NODES[:2], self.released())

    def test_a_node_that_is_lacking_makes_a_good_job_fail(self):
        job = submit.backup('overcloud', stopall=True)
        self.have_inventory(Controller=NODES[1:])
        row = self.run_job(job)
        self.assertEqual('error', row.state)
        self.assertRegex(row.error_hint, 'controller-0 may still be quiesced')

    def test_all_are_named_when_no_node_can_be_asked(self):
        job = self.leave_behind()
        (self.playbooks / 'steps' / 'backup' / 'release.yaml').unlink()
        self.assertRegex(
            self.take_over(job).error_hint,
            f'^{", ".join(NODES)} may still be quiesced: run "')

    def test_what_a_node_says_of_its_release_is_kept(self):
        self.scenario({'release': {'controller-1': {'fail': 'It hangs.'}}})
        row = self.run_job(submit.backup('overcloud', stopall=True))
        self.assertEqual('It hangs.', row.error_cause)
        self.assertRegex(row.error_hint,
                         '^Do better. controller-1 may still be quiesced: ')


class RestoreTest(base.ConductorTest):

    def setUp(self):
        super().setUp()
        self.service.conf.config(group='boot', method='ssh')
        self.backup_id = fixtures.add_backup(node='controller-0')

    def leave_behind(self, step):
        return test_take_over.leave_behind(
            restores.restore(self.backup_id, 'controller-0'), step)

    def test_members_are_released_though_no_boot_method_can_be_used(self):
        job = self.leave_behind('rejoin')
        self.service.conf.config(group='boot', method='teleport')
        self.service.conf.config(group='storage_file', path='')
        recovery.take_over(jobs.get(job.id))
        self.assertIn('release', self.steps_done())
        self.assertEqual('done', {
            row.name: row.state for row in steps.by_job(job.id)}['release'])

    def test_members_of_the_plan_that_are_gone_are_named(self):
        job = self.leave_behind('rejoin')
        jobs.set_columns(job.id, 1, plan={
            'reachable_members': ['controller-1', 'controller-9']})
        recovery.take_over(jobs.get(job.id))
        self.assertRegex(jobs.get(job.id).error_hint,
                         '^controller-9 may still be quiesced: ')

    def test_the_node_is_named_where_even_the_backup_is_forgotten(self):
        job = self.leave_behind('rejoin')
        with session.writer() as connection:
            connection.execute(sa.delete(models.Backup.__table__))
        recovery.take_over(jobs.get(job.id))
        row = jobs.get(job.id)
        self.assertIn(f'There is no backup {self.backup_id}', row.error_cause)
        self.assertRegex(row.error_hint,
                         'controller-0 may still be quiesced: run "')
        self.assertNotIn('running', {
            row.state for row in steps.by_job(job.id)})
