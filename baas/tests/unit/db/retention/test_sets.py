# SPDX-License-Identifier: Apache-2.0
import datetime
import uuid

from baas.db import backups
from baas.db import jobs
from baas.db.retention import sets
from baas import errors
from baas.tests import fixtures
from baas.tests.unit.db import database

VERIFIED = datetime.datetime(2026, 1, 2)
NODES = ('controller-0', 'controller-1', 'controller-2')


class SetsTest(database.DatabaseTest):

    def set(self, *more, **columns):
        """Write the backups of a set.

        :param more: what is special to each.
        :returns: id of the set.
        """
        id = str(uuid.uuid4())
        for node, special in zip(NODES, more or ({}, {}, {})):
            fixtures.add_backup(**{'node': node, 'set_id': id, 'set_size': 3,
                                   **columns, **special})
        return id

    def one(self, target='overcloud', job=None):
        """Give the one set that there is."""
        (found,), _now = sets.of_target(target, job)
        return found

    def test_a_set_is_whole_when_all_its_backups_are_available(self):
        id = self.set()
        self.assertEqual((id, datetime.datetime(2026, 1, 1), True, False),
                         (self.one().id, self.one().created_at,
                          self.one().whole, self.one().in_use))

    def test_one_with_a_backup_that_failed_or_is_gone_is_not(self):
        for more in (({}, {}, {'status': 'error'}), ({}, {})):
            id = self.set(*more)
            found, _now = sets.of_target('overcloud')
            self.assertFalse({one.id: one.whole for one in found}[id])

    def test_the_backups_of_before_are_whole_as_they_are(self):
        self.set({}, {}, set_size=None)
        self.assertTrue(self.one().whole)

    def test_a_set_is_verified_when_all_its_backups_are(self):
        self.set({'verified_at': VERIFIED}, {}, {'verified_at': VERIFIED})
        self.assertFalse(self.one().verified)
        self.set(target='undercloud', verified_at=VERIFIED)
        self.assertTrue(self.one('undercloud').verified)

    def test_one_suspicious_backup_makes_the_set_suspicious(self):
        id = self.set({}, {'suspicions': ['it has 3 files']}, {})
        self.assertTrue(self.one().suspicious)
        sets.trust(id)
        self.assertFalse(self.one().suspicious)

    def test_nothing_odd_is_nothing_to_trust(self):
        for special in ({}, {'status': 'error', 'error': 'It died.'}):
            id = self.set({}, special, {})
            before = backups.by_set(id)
            with self.assertRaisesRegex(errors.Conflict, 'Nothing is susp'):
                sets.trust(id)
            self.assertEqual(before, backups.by_set(id))

    def test_a_set_is_in_use_while_a_job_works_on_it(self):
        id = self.set()
        backup = backups.by_set(id)[1].id
        for job in ({'kind': 'restore', 'backup_id': backup},
                    {'kind': 'restore-set', 'options': {'set_id': id}}):
            for state in ('queued', 'running', 'cancelling'):
                job_id = fixtures.add_job(**job, state=state)
                self.assertTrue(self.one().in_use, state)
                self.assertFalse(self.one(job=job_id).in_use)
                fixtures.add_job(**job, state='done')
                jobs.move(job_id, 'cancel')
                jobs.move(job_id, 'finish')
        self.assertFalse(self.one().in_use)

    def test_what_is_being_made_or_deleted_is_in_use(self):
        for status in ('creating', 'deleting'):
            id = self.set({}, {'status': status}, {})
            found, _now = sets.of_target('overcloud')
            self.assertTrue({one.id: one.in_use for one in found}[id])

    def test_a_set_is_condemned_as_a_whole_or_not_at_all(self):
        id = self.set({}, {'protected': True}, {'status': 'error'})
        job = self.job()
        self.assertEqual([], sets.condemn(id, job=job.id, epoch=job.epoch))
        self.assertEqual(['available', 'available', 'error'],
                         [row.status for row in backups.by_set(id)])
        sets.protect(id, False)
        self.assertEqual([], sets.condemn(id, job=job.id, epoch=9))
        self.assertEqual(3, len(sets.condemn(id, job=job.id,
                                             epoch=job.epoch)))
        self.assertEqual({'deleting'},
                         {row.status for row in backups.by_set(id)})

    def test_a_set_that_is_being_deleted_cannot_be_protected_any_more(self):
        id = self.set({}, {'status': 'deleting'}, {})
        with self.assertRaises(errors.Conflict):
            sets.protect(id, True)
        self.assertEqual({False},
                         {row.protected for row in backups.by_set(id)})

    def test_protecting_a_set_protects_all_its_backups(self):
        id, other = self.set(), self.set()
        sets.protect(id, True)
        self.assertEqual([{True}, {False}], [
            {row.protected for row in backups.by_set(one)}
            for one in (id, other)])
