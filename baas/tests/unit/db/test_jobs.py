# SPDX-License-Identifier: Apache-2.0
import threading
import uuid

import sqlalchemy as sa

from baas.db import backups
from baas.db import events
from baas.db import jobs
from baas.db import models
from baas.db import session
from baas.db import steps
from baas import errors
from baas.tests.unit.db import database


def end_lease(id):
    """Let the lease of a job have ended an hour ago."""
    with session.writer() as connection:
        connection.execute(
            sa.update(models.Job.__table__)
            .where(models.Job.__table__.c.id == id)
            .values(lease_until=session.utcnow(-3600)))


class TestClaims(database.DatabaseTest):

    def test_of_two_claims_one_wins(self):
        job = self.job()
        first = jobs.claim(job.id, 'a', 60)
        self.assertEqual(('running', 'a', 1),
                         (first.state, first.owner, first.epoch))
        self.assertIsNone(jobs.claim(job.id, 'b', 60))

    def test_of_many_threads_that_claim_one_wins(self):
        job, won = self.job(), []

        def claim(name):
            if jobs.claim(job.id, name, 60):
                won.append(name)
        threads = [threading.Thread(target=claim, args=(f'c{number}',))
                   for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(1, len(won))

    def test_a_lease_is_renewed_while_it_lasts(self):
        job = jobs.claim(self.job().id, 'a', 60)
        self.assertTrue(jobs.renew(job.id, job.epoch, 60))

    def test_a_lease_that_has_ended_is_not_renewed(self):
        job = jobs.claim(self.job().id, 'a', 60)
        end_lease(job.id)
        self.assertFalse(jobs.renew(job.id, job.epoch, 60))

    def test_only_jobs_whose_lease_has_ended_are_lost(self):
        job = jobs.claim(self.job().id, 'a', 60)
        jobs.claim(self.job('undercloud').id, 'a', 60)
        self.assertEqual([], jobs.expired())
        end_lease(job.id)
        self.assertEqual([job.id], [row.id for row in jobs.expired()])

    def test_taking_over_raises_the_epoch_once(self):
        job = jobs.claim(self.job().id, 'a', 60)
        end_lease(job.id)
        taken = jobs.take_over(job.id, job.epoch, 'b', 60)
        self.assertEqual((2, 'b'), (taken.epoch, taken.owner))
        self.assertIsNone(jobs.take_over(job.id, job.epoch, 'c', 60))

    def test_who_was_taken_over_can_no_longer_close_the_job(self):
        job = jobs.claim(self.job().id, 'a', 60)
        end_lease(job.id)
        jobs.take_over(job.id, job.epoch, 'b', 60)
        self.assertIsNone(jobs.move(job.id, 'finish', epoch=job.epoch))
        self.assertFalse(jobs.renew(job.id, job.epoch, 60))
        self.assertEqual('running', jobs.get(job.id).state)


class TestHolding(database.DatabaseTest):

    def test_a_target_has_one_active_job(self):
        first = self.job()
        with self.assertRaises(errors.TargetBusy) as caught:
            self.job()
        self.assertIn(first.id, str(caught.exception))

    def test_a_refused_job_leaves_no_rows(self):
        self.job()
        set_id = str(uuid.uuid4())
        with self.assertRaises(errors.TargetBusy):
            self.job(id=set_id, backups=[self.columns(set_id)])
        self.assertEqual([], backups.by_set(set_id))
        self.assertEqual([], steps.by_job(set_id))

    def test_the_other_target_is_free(self):
        self.job('overcloud')
        self.assertEqual('queued', self.job('undercloud').state)

    def test_every_end_frees_the_target(self):
        for event, start in (('finish', True), ('fail', True),
                             ('cancel', False)):
            job = self.job()
            if start:
                jobs.claim(job.id, 'a', 60)
            ended = jobs.move(job.id, event)
            self.assertIsNone(ended.holds)
            self.assertIsNotNone(ended.finished_at)

    def test_cancelling_holds_the_target_until_it_is_undone(self):
        job = jobs.claim(self.job().id, 'a', 60)
        self.assertEqual('overcloud', jobs.move(job.id, 'cancel').holds)
        with self.assertRaises(errors.TargetBusy):
            self.job()

    def test_an_ended_job_cannot_be_moved(self):
        job = jobs.claim(self.job().id, 'a', 60)
        jobs.move(job.id, 'finish')
        for event in ('start', 'finish', 'fail', 'cancel', 'take_over'):
            self.assertIsNone(jobs.move(job.id, event), event)


class TestSteps(database.DatabaseTest):

    def test_steps_keep_their_order(self):
        job = self.job(steps=('check', 'arm', 'release'))
        self.assertEqual(['check', 'arm', 'release'],
                         [row.name for row in steps.by_job(job.id)])

    def test_a_step_that_was_skipped_never_runs(self):
        row = steps.by_job(self.job().id)[0]
        self.assertTrue(steps.move(row.id, 'skip'))
        self.assertFalse(steps.move(row.id, 'start'))

    def test_who_lost_the_claim_changes_neither_steps_nor_the_log(self):
        job = jobs.claim(self.job().id, 'first', 60)
        row = steps.by_job(job.id)[0]
        self.assertFalse(steps.move(row.id, 'start', epoch=job.epoch - 1))
        self.assertTrue(steps.move(row.id, 'start', epoch=job.epoch))
        for epoch in (job.epoch - 1, job.epoch):
            steps.progress(row.id, task=f'of claim {epoch}', percent=epoch,
                           nodes={}, epoch=epoch)
            events.add(job.id, f'of claim {epoch}', epoch=epoch)
            self.assertEqual(
                {0: (None, []), 1: ('of claim 1', ['of claim 1'])}[epoch],
                (steps.by_job(job.id)[0].task,
                 [line.message for line in events.page(job.id, limit=9)]))

    def test_progress_of_an_ended_step_is_not_changed(self):
        job = self.job()
        row = steps.by_job(job.id)[0]
        steps.move(row.id, 'start')
        steps.progress(row.id, task='a', percent=40, nodes={'n': {}})
        steps.move(row.id, 'finish')
        steps.progress(row.id, task='b', percent=50, nodes={})
        row = steps.by_job(job.id)[0]
        self.assertEqual(('a', 100, 'done'),
                         (row.task, row.percent, row.state))


class TestEvents(database.DatabaseTest):

    def test_the_log_is_read_on_from_a_marker(self):
        job = self.job()
        for number in range(5):
            events.add(job.id, f'line {number}')
        first = events.page(job.id, limit=2)
        rest = events.page(job.id, limit=10, marker=first[-1].id)
        self.assertEqual([f'line {number}' for number in range(5)],
                         [row.message for row in first + rest])


class TestBackups(database.DatabaseTest):

    def setUp(self):
        super().setUp()
        self.set_id = str(uuid.uuid4())
        self.job(id=self.set_id, backups=[
            self.columns(self.set_id, node) for node in ('a', 'b')])

    def test_the_newest_available_backup_is_the_parent(self):
        first = backups.by_set(self.set_id)[0]
        self.assertIsNone(backups.parent('a'))
        backups.move(first.id, 'finish', snapshot='s1')
        self.assertEqual('s1', backups.parent('a'))
        self.assertIsNone(backups.parent('b'))

    def test_an_available_backup_never_fails(self):
        first = backups.by_set(self.set_id)[0]
        backups.move(first.id, 'finish')
        self.assertFalse(backups.move(first.id, 'fail'))
        self.assertEqual('available', backups.get(first.id).status)

    def test_who_lost_the_claim_on_a_set_finishes_no_backup_of_it(self):
        first = backups.by_set(self.set_id)[0]
        old = jobs.claim(self.set_id, 'a', 60).epoch
        new = jobs.take_over(self.set_id, old, 'b', 60).epoch
        self.assertFalse(backups.move(first.id, 'finish', epoch=old))
        self.assertEqual('creating', backups.get(first.id).status)
        self.assertTrue(backups.move(first.id, 'fail', epoch=new))

    def test_only_what_is_being_deleted_is_dropped(self):
        first = backups.by_set(self.set_id)[0]
        backups.delete(first.id)
        self.assertEqual('creating', backups.get(first.id).status)

    def test_a_backup_in_the_making_is_not_deleted(self):
        first = backups.by_set(self.set_id)[0]
        with self.assertRaises(errors.Conflict):
            jobs.create({'id': str(uuid.uuid4()), 'kind': 'delete',
                         'target': 'undercloud', 'holds': 'undercloud',
                         'options': {}}, ('delete',), deletes=first.id)
        self.assertIsNone(jobs.active_on('undercloud'))


class TestClock(database.DatabaseTest):

    def test_times_of_the_database_can_be_compared(self):
        with session.reader() as connection:
            early = connection.execute(
                sa.select(session.utcnow(-5) < session.utcnow())).scalar()
        self.assertTrue(early)

    def test_a_time_is_read_back_as_it_was_written(self):
        job = self.job()
        with session.reader() as connection:
            now = session.now(connection)
        self.assertLess(abs((now - job.created_at).total_seconds()), 60)
