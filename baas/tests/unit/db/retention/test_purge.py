# SPDX-License-Identifier: Apache-2.0
"""What leaves the trash for good, once, whoever else is at work."""
import threading

from baas.db import backups
from baas.db import jobs
from baas.db.retention import trash
from baas import errors
from baas.requests import submit
from baas.requests import trash as requests
from baas.tests import fixtures
from baas.tests.unit.db.retention import trashed


class PurgeTest(trashed.TrashTest):

    def test_what_is_half_removed_is_not_had_back_and_is_due_again(self):
        id = self.set()
        self.put(id)
        job = self.claimed(now=self.later())
        self.assertEqual(3, len(trash.condemn(job)[id]))
        self.assertTrue(backups.close_backups(job, 'No space.', job.epoch))
        self.assertEqual(['error'] * 3, self.statuses(id))
        for row in backups.by_set(id):
            with self.assertRaisesRegex(errors.Conflict, 'may be gone'):
                trash.undelete(row.id)
        # Nor is it moved there anew, as if it were whole.
        self.assertRaises(errors.Conflict, self.put, id)
        self.assertEqual(['error'] * 3, self.statuses(id))
        self.assertEqual({}, trash.due())
        jobs.move(job.id, 'fail')
        self.assertNotEqual(job.id, self.claimed(now=self.later()).id)

    def test_what_a_failed_job_had_not_begun_with_is_put_off_whole(self):
        id = self.set()
        self.put(id, 0)
        job = self.claimed()
        self.assertTrue(backups.close_backups(job, 'No storage.', job.epoch))
        self.assertEqual(['trashed'] * 3, self.statuses(id))
        self.assertEqual({}, trash.due())
        trash.undelete(backups.by_set(id)[0].id, whole=True)
        self.assertEqual(['available'] * 3, self.statuses(id))

    def test_the_same_is_asked_for_once_although_the_first_has_ended(self):
        self.put(self.set(), 0)
        found = trash.due()['overcloud']
        job = requests.purge('overcloud', found)
        with self.assertRaisesRegex(errors.TargetBusy, job.id):
            requests.purge('overcloud', found)
        jobs.claim(job.id, 'first', 60)
        jobs.move(job.id, 'finish')
        self.assertEqual('done', requests.purge('overcloud', found).state)
        self.assertEqual(1, len(jobs.page(filters={'kind': 'purge'})))

    def test_what_was_had_back_between_tick_and_job_stays(self):
        id, other = self.set(), self.set()
        for one in (id, other):
            self.put(one, 0)
        job = self.claimed()
        trash.undelete(backups.by_set(id)[0].id, whole=True)
        found = trash.condemn(job)
        self.assertEqual([], found[id])
        self.assertEqual(3, len(found[other]))
        self.assertEqual(['available'] * 3, self.statuses(id))

    def test_what_was_deleted_again_between_them_gets_its_new_time(self):
        id = self.set()
        self.put(id, 0)
        job = self.claimed()
        trash.undelete(backups.by_set(id)[0].id, whole=True)
        self.put(id, 0)
        self.assertEqual({id: []}, trash.condemn(job))
        self.assertEqual(['trashed'] * 3, self.statuses(id))

    def test_a_set_of_which_a_part_was_had_back_stays_for_now(self):
        id = self.set()
        self.put(id, 0)
        job = self.claimed()
        trash.undelete(backups.by_set(id)[1].id)
        self.assertEqual({id: []}, trash.condemn(job))
        self.assertEqual(['trashed', 'available', 'trashed'],
                         self.statuses(id))

    def test_of_a_purge_and_an_undelete_at_one_moment_one_gets_the_set(self):
        for turn in range(12):
            with self.subTest(turn=turn):
                id = self.set()
                self.put(id, 0)
                first, job = backups.by_set(id)[0].id, self.claimed()
                said = self.together(
                    lambda: trash.condemn(job)[id],
                    lambda: trash.undelete(first, whole=True))
                gone = len(said[0])
                self.assertIn(gone, (0, 3))
                self.assertEqual(gone == 3,
                                 isinstance(said[1], errors.Conflict), said)
                self.assertEqual(['deleting' if gone else 'available'] * 3,
                                 self.statuses(id))
                jobs.move(job.id, 'finish')

    def together(self, *acts):
        """Do several things at one moment; give what came of each."""
        said, gate = [None] * len(acts), threading.Barrier(len(acts))

        def do(number):
            gate.wait()
            try:
                said[number] = acts[number]()
            except Exception as error:
                said[number] = error

        threads = [threading.Thread(target=do, args=(number,))
                   for number in range(len(acts))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return said

    def test_many_who_ask_at_one_moment_get_one_job(self):
        for turn in range(6):
            self.put(self.set(), 0)
            found = trash.due()['overcloud']
            said = self.together(*[
                lambda: requests.purge('overcloud', found)] * 4)
            made = jobs.page(filters={'kind': 'purge'})
            self.assertEqual(turn + 1, len(made), said)
            jobs.claim(made[0].id, 'first', 60)
            trash.condemn(jobs.get(made[0].id))
            jobs.move(made[0].id, 'finish')

    def test_a_clock_that_jumps_takes_nothing_out_twice_or_too_early(self):
        id = self.set()
        self.put(id, 7200)
        for hours in (1, 0, -1, 1):
            self.assertEqual({}, trash.due(self.later(hours)), hours)
        job = self.claimed(now=self.later(3))
        # It is what the job was asked for, whatever the time is by now.
        self.assertEqual(3, len(trash.condemn(job)[id]))
        self.assertEqual({}, trash.due(self.later(3)))
        self.assertEqual({id: []}, trash.condemn(job))

    def test_one_that_lost_its_lease_takes_nothing_out(self):
        id = self.set()
        self.put(id, 0)
        job = self.claimed()
        jobs.take_over(job.id, job.epoch, 'heir', 60)
        self.assertEqual({id: []}, trash.condemn(job))
        self.assertEqual(['trashed'] * 3, self.statuses(id))
        before = backups.by_set(id)
        trash.put_off(job, job.epoch)
        self.assertEqual(before, backups.by_set(id))

    def test_a_cancelled_delete_leaves_it_in_the_trash(self):
        id = self.set({})
        self.put(id)
        before = backups.by_set(id)
        job = submit.delete(before[0].id, purge=True)
        self.assertEqual(['deleting'], self.statuses(id))
        submit.cancel(job.id)
        self.assertEqual(before, backups.by_set(id))

    def test_but_not_one_that_is_half_gone(self):
        id = self.set({})
        self.put(id, 0)
        job = self.claimed()
        trash.condemn(job)
        backups.close_backups(job, 'No space.', job.epoch)
        jobs.move(job.id, 'fail')
        submit.cancel(submit.delete(backups.by_set(id)[0].id).id)
        self.assertEqual(['error'], self.statuses(id))

    def test_a_cancelled_purge_is_put_off_and_hurts_no_other_job(self):
        id = self.set()
        self.put(id, 0)
        job = requests.purge('overcloud', trash.due()['overcloud'])
        submit.cancel(job.id)
        self.assertEqual(['trashed'] * 3, self.statuses(id))
        self.assertEqual({}, trash.due())
        other = fixtures.add_backup(status='deleting')
        backups.close_backups(jobs.get(job.id), 'Cancelled.', 0)
        self.assertEqual('deleting', backups.get(other).status)
