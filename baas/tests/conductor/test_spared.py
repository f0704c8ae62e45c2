# SPDX-License-Identifier: Apache-2.0
"""A job that fails before it starts what removes leaves all as it was."""
from baas.conductor import recovery
from baas.db import backups
from baas.db import jobs
from baas.requests import submit
from baas.tests.conductor import trashing
from baas.tests.conductor.trashing import HOUR
from baas.tests.conductor.trashing import NODES
from baas.tests import fixtures


class SparedTest(trashing.TrashTest):

    def setUp(self):
        super().setUp()
        self.service.conf.config(group='cleanups', delete_delay='0')
        self.policy = fixtures.add_cleanup(keep_last=1)
        self.sets = [self.add_set(day) for day in (3, 2, 1)]
        fixtures.add_backup(set_id=self.sets[2], node='undercloud-0',
                            status='error', error='It died.')

    def obstruct(self, job):
        """Put a folder where a job is to write a file, of the last node that
        it tells anything of."""
        (self.service.folder / 'jobs' / 'first' / job.id
         / f'delete-{NODES[-1]}.json').mkdir(parents=True)
        return job

    def all(self):
        return [row for id in self.sets for row in backups.by_set(id)]

    def failed(self, job):
        """Have a job run, which is to fail and remove nothing."""
        job = self.run_job(job)
        self.assertEqual(('error', 'delete'), (job.state, job.error_step))
        self.assertEqual([], self.done())

    def test_what_a_cleanup_had_condemned_is_what_it_was(self):
        before = self.all()
        self.failed(self.obstruct(submit.cleanup(self.policy)))
        self.assertEqual(before, self.all())
        self.assertEqual('done', self.run_job(
            submit.cleanup(self.policy)).state)
        self.assertEqual(3, len(self.all()))

    def test_what_a_purge_had_taken_out_is_in_the_trash_again(self):
        self.delete(self.sets[0])
        self.pass_by(73 * HOUR)
        self.failed(self.obstruct(*self.tick()))
        self.assertEqual(['trashed'] * 3, self.statuses(self.sets[0]))
        self.assertEqual([], self.tick())
        self.pass_by(HOUR)
        self.assertEqual('done', self.run_job(*self.tick()).state)
        self.assertEqual([], backups.by_set(self.sets[0]))

    def test_a_delete_that_lacks_the_key_leaves_the_backup_as_it_was(self):
        before = self.all()
        (self.service.folder / 'key').rename(self.service.folder / 'away')
        self.failed(submit.delete(before[0].id, purge=True))
        self.assertEqual(before, self.all())

    def test_a_delete_that_had_no_storage_does_so_too(self):
        before = self.all()
        job = submit.delete(before[0].id, purge=True)
        self.service.conf.config(group='storage', driver='none')
        self.assertEqual('error', self.run_job(job).state)
        self.assertEqual(before, self.all())

    def test_one_that_nobody_had_begun_with_is_taken_over(self):
        before = self.all()
        job = submit.delete(before[0].id, purge=True)
        jobs.claim(job.id, 'dead', 6)
        recovery.take_over(jobs.get(job.id))
        self.assertEqual('error', jobs.get(job.id).state)
        self.assertEqual(before, self.all())

    def test_of_what_was_started_some_may_be_gone(self):
        self.scenario({'delete': {'*': {'fail': 'No space.'}}})
        self.assertEqual('error', self.run_job(
            submit.cleanup(self.policy)).state)
        self.assertEqual({'error'}, {
            row.status for id in self.sets[1:] for row in backups.by_set(id)})
