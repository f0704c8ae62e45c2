# SPDX-License-Identifier: Apache-2.0
"""Whatever goes wrong while the trash is emptied, the next run goes on."""
from baas.conductor import recovery
from baas.db import backups
from baas.db import jobs
from baas.db.retention import trash
from baas.db import steps
from baas.requests import submit
from baas.tests.conductor import trashing
from baas.tests.conductor.trashing import HOUR
from baas.tests.conductor.trashing import NODES
from baas.tests.conductor.trashing import REMOVED

FULL = {'delete': {'*': {'verb': 'remove'}, NODES[1]: {
    'fail': 'No space left on device.'}}}


class FaultTest(trashing.TrashTest):

    def setUp(self):
        super().setUp()
        self.set = self.add_set()
        self.delete(self.set)
        self.pass_by(73 * HOUR)

    def begin_and_die(self):
        """Begin a purge, forget one backup, and die; give the job."""
        (job,) = self.tick()
        claimed = jobs.claim(job.id, 'dead', 6)
        steps.move(steps.by_job(job.id)[0].id, 'start')
        rows = trash.condemn(claimed)[self.set]
        self.assertTrue(backups.delete(rows[0].id, epoch=claimed.epoch,
                                       job=job.id))
        return job

    def test_one_that_died_in_its_middle_is_gone_on_with(self):
        job = self.begin_and_die()
        self.assertEqual([], self.tick())
        recovery.take_over(jobs.get(job.id))
        self.assertEqual('error', jobs.get(job.id).state)
        self.assertEqual(['error'] * 2, self.statuses(self.set))
        self.assertEqual([], self.tick())
        self.pass_by(HOUR)
        again = self.run_job(*self.tick())
        self.assertEqual('done', again.state, again.error_cause)
        self.assertEqual([], backups.by_set(self.set))
        self.assertEqual(2, len(self.done()))

    def test_a_full_disk_keeps_no_other_node_and_is_tried_again(self):
        self.scenario(FULL)
        job = self.run_job(*self.tick())
        self.assertEqual(('error', 'No space left on device.'),
                         (job.state, job.error_cause))
        (row,) = backups.by_set(self.set)
        self.assertEqual((NODES[1], 'error', 'No space left on device.'),
                         (row.node, row.status, row.error))
        self.assertEqual([], self.tick())
        self.scenario(REMOVED)
        self.pass_by(HOUR)
        self.assertEqual('done', self.run_job(*self.tick()).state)
        self.assertEqual([], backups.by_set(self.set))

    def test_as_long_as_it_fails_it_is_tried_once_an_hour(self):
        self.scenario(FULL)
        for turn in range(1, 4):
            self.assertEqual('error', self.run_job(*self.tick()).state)
            self.assertEqual([], self.tick())
            self.pass_by(HOUR)
            self.assertEqual(turn, len(jobs.page(filters={'kind': 'purge'})))

    def test_without_a_storage_nothing_is_begun_and_all_can_be_had_back(self):
        (job,) = self.tick()
        self.service.conf.config(group='storage', driver='none')
        self.assertEqual('error', self.run_job(job).state)
        self.assertEqual(['trashed'] * 3, self.statuses(self.set))
        self.assertEqual([], self.tick())
        trash.undelete(backups.by_set(self.set)[0].id, whole=True)
        self.assertEqual(['available'] * 3, self.statuses(self.set))

    def test_a_node_that_nobody_removes_from_is_named(self):
        self.scenario({})
        job = self.run_job(*self.tick())
        self.assertEqual('error', job.state)
        self.assertIn('controller-1', job.error_cause)
        self.assertIn('See that the inventory has', job.error_hint)
        self.assertEqual(['error'] * 3, self.statuses(self.set))

    def test_a_clock_that_jumps_an_hour_either_way_takes_it_out_once(self):
        self.pass_by(-2 * HOUR)  # there is an hour left
        self.assertEqual([], self.tick())
        self.pass_by(2 * HOUR)
        (job,) = self.tick()
        self.pass_by(-HOUR)
        self.assertEqual([job.id], [one.id for one in self.tick()])
        self.pass_by(HOUR)
        self.assertEqual('done', self.run_job(job).state)
        self.assertEqual([], backups.by_set(self.set))
        self.pass_by(-HOUR)
        self.assertEqual([], self.tick())
        self.assertEqual(3, len(self.done()))

    def test_one_that_has_begun_is_not_cancelled(self):
        (job,) = self.tick()
        jobs.claim(job.id, 'first', 6)
        with self.assertRaisesRegex(Exception, 'cannot be cancelled'):
            submit.cancel(job.id)

    def test_deleted_there_it_is_gone_at_once(self):
        row = backups.by_set(self.set)[0]
        self.assertEqual('done', self.run_job(
            submit.delete(row.id, purge=True)).state)
        self.assertEqual(['trashed'] * 2, self.statuses(self.set))

    def test_a_delete_that_failed_there_is_gone_on_with(self):
        row = backups.by_set(self.set)[1]
        self.scenario(FULL)
        self.assertEqual('error', self.run_job(
            submit.delete(row.id, purge=True)).state)
        self.assertEqual(['trashed', 'error', 'trashed'],
                         self.statuses(self.set))
        self.scenario(REMOVED)
        self.pass_by(HOUR)
        self.assertEqual('done', self.run_job(*self.tick()).state)
        self.assertEqual([], backups.by_set(self.set))
