# SPDX-License-Identifier: Apache-2.0
"""Jobs that write to the storage or delete there: it has one writer."""
import datetime
import json
import shutil
import threading

from baas.db import backups
from baas.db import clouds
from baas.db import jobs
from baas import keys
from baas.requests import submit
from baas.storage import driver
from baas.storage import owner
from baas.tests.conductor import base
from baas.tests import fixtures

OTHER = '6f1c2a90-1111-4222-8333-444455556666'


class OwnerTest(base.ConductorTest):

    def setUp(self):
        super().setUp()
        self.conf = self.service.conf.conf
        self.key = keys.load(self.conf.payload.key_file)
        self.storage = driver.load(self.conf, self.key.cloud)
        self.marker = (self.service.folder / 'storage' / self.key.cloud
                       / 'owner' / '1')

    def let_other_have_it(self):
        """Have another service with the same key write first."""
        owner.claim(self.storage, self.key, owner.Owner(
            self.key.cloud, OTHER, 'ctl-9', '2026-01-01T00:00:00Z'))

    def backup(self, **options):
        return self.run_job(submit.backup('overcloud', stopall=False,
                                          **options))

    def refused(self, job, step, words):
        """See that a job has ended with step, cause and hint, and that no
        node was asked for anything."""
        self.assertEqual(('error', step), (job.state, job.error_step))
        self.assertIn(words, job.error_cause)
        self.assertTrue(job.error_hint)
        self.assertEqual([], self.done())

    def test_the_first_backup_makes_the_service_the_owner(self):
        job = self.backup()
        self.assertEqual('done', job.state, job.error_cause)
        found = owner.read(self.storage, self.key)
        self.assertEqual(clouds.instance(self.key.cloud), found.instance)
        text = self.marker.read_text()
        self.assertEqual('done', self.backup().state)
        self.assertEqual(text, self.marker.read_text())

    def test_a_check_leaves_the_storage_as_it_was(self):
        job = self.backup(check_only=True)
        self.assertEqual('done', job.state, job.error_cause)
        self.assertIsNone(owner.read(self.storage, self.key))

    def test_a_backup_to_the_storage_of_another_service_is_refused(self):
        self.let_other_have_it()
        job = self.backup()
        self.refused(job, 'check', f'It belongs to instance {OTHER} on ctl-9,'
                                   ' since 2026-01-01T00:00:00Z')
        self.assertIn('baas-manage storage adopt', job.error_hint)
        self.refused(self.backup(check_only=True), 'check', OTHER)

    def test_one_that_comes_between_check_and_first_write_is_noticed(self):
        self.scenario({'check': {'*': {'result': {'time': 0.0},
                                       'sleep': 1}}})
        job = submit.backup('overcloud', stopall=False)
        runs = threading.Thread(target=self.run_job, args=(job,))
        runs.start()
        self.wait_for('check')
        self.let_other_have_it()
        runs.join()
        job = jobs.get(job.id)
        self.assertEqual(('error', 'prepare'), (job.state, job.error_step))
        self.assertIn(OTHER, job.error_cause)
        self.assertEqual(['check', 'release'], self.steps_done())

    def test_a_delete_is_refused_and_the_backup_stays_what_it_was(self):
        good = fixtures.add_backup()
        bad = fixtures.add_backup(status='error', error='No space.')
        self.let_other_have_it()
        for id, status in ((good, 'available'), (bad, 'error')):
            self.refused(self.run_job(submit.delete(id)), 'delete', OTHER)
            self.assertEqual(status, backups.get(id).status)

    def test_a_delete_of_a_storage_that_is_away_changes_nothing(self):
        good = fixtures.add_backup()
        shutil.rmtree(self.service.folder / 'storage')
        self.refused(self.run_job(submit.delete(good)), 'delete',
                     'does not exist')
        self.assertEqual('available', backups.get(good).status)

    def test_a_clean_up_is_refused_before_any_set_is_condemned(self):
        policy = fixtures.add_cleanup(keep_last=1)
        sets = [fixtures.add_backup(
            created_at=datetime.datetime(2026, 1, day)) for day in (1, 2, 3)]
        self.let_other_have_it()
        self.refused(self.run_job(submit.cleanup(policy)), 'delete', OTHER)
        self.assertEqual({'available'}, {
            backups.get(id).status for id in sets})

    def test_a_marker_that_proves_nothing_is_not_taken_for_none(self):
        good = fixtures.add_backup()
        self.backup()
        (self.playbooks / 'done.jsonl').unlink()
        self.marker.write_text(json.dumps({
            **json.loads(self.marker.read_text()), 'instance': OTHER}))
        self.refused(self.backup(), 'check', 'was changed afterwards')
        self.refused(self.run_job(submit.delete(good)), 'delete',
                     'was changed afterwards')
        self.assertEqual('available', backups.get(good).status)

    def test_who_has_adopted_it_goes_on(self):
        self.let_other_have_it()
        instance = clouds.instance(self.key.cloud)
        owner.adopt(self.storage, self.key, owner.Owner(
            self.key.cloud, instance, 'ctl-1', '2026-02-01T00:00:00Z'),
            owner.read(self.storage, self.key))
        job = self.backup()
        self.assertEqual('done', job.state, job.error_cause)
