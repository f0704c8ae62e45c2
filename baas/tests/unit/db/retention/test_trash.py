# SPDX-License-Identifier: Apache-2.0
"""What is moved to the trash, and had back."""
import datetime
import uuid

import sqlalchemy as sa

from baas.db import backups
from baas.db import jobs
from baas.db.retention import sets
from baas.db.retention import trash
from baas.db import session
from baas import errors
from baas.tests import fixtures
from baas.tests.unit.db.retention import trashed

OF_A_SET = {'protected': False, 'labels': {'ticket': '4711'},
            'expires_at': datetime.datetime(2999, 1, 1),
            'suspicions': ['it has 3 files'], 'verified_at': None,
            'trusted_at': datetime.datetime(2026, 1, 3)}


class TrashTest(trashed.TrashTest):

    def test_what_is_had_back_is_as_it_was(self):
        id = self.set({}, {'status': 'error', 'error': 'No space.'}, {},
                      **OF_A_SET)
        before = backups.by_set(id)
        self.put(id)
        self.assertEqual(['trashed'] * 3, self.statuses(id))
        for row in before:
            trash.undelete(row.id)
        self.assertEqual(before, backups.by_set(id))

    def test_who_moved_it_there_is_known_by_a_job_that_is_done(self):
        id = fixtures.add_backup()
        job = trash.put(id, {
            'id': str(uuid.uuid4()), 'kind': 'delete', 'target': 'overcloud',
            'user_id': 'somebody', 'backup_id': id}, 60)
        self.assertEqual(('done', None, 'somebody'),
                         (job.state, job.holds, job.user_id))
        row = backups.get(id)
        self.assertEqual(row.purge_at.isoformat() + 'Z',
                         job.options['purge_at'])
        self.assertEqual(60, (row.purge_at - job.created_at).total_seconds())
        self.assertEqual([], jobs.queued())

    def test_what_is_being_made_or_deleted_or_is_protected_stays(self):
        for columns in ({'status': 'creating'}, {'status': 'deleting'},
                        {'protected': True}):
            id = self.set(columns)
            with self.subTest(**columns):
                before = backups.by_set(id)
                self.assertRaises(errors.Conflict, self.put, id)
                self.assertEqual(before, backups.by_set(id))
        self.assertEqual([], jobs.page())

    def test_a_set_is_moved_as_a_whole_or_not_at_all(self):
        id = self.set({}, {}, {'protected': True})
        self.assertIsNone(self.clean_up(id))
        self.assertEqual(['available'] * 3, self.statuses(id))
        sets.protect(id, False)
        self.assertIsNone(self.clean_up(id, epoch=2))
        self.assertEqual(['available'] * 3, self.statuses(id))
        until = self.clean_up(id)
        self.assertEqual({until}, {row.purge_at
                                   for row in backups.by_set(id)})

    def test_a_part_that_is_there_already_keeps_its_time(self):
        id = self.set()
        first = backups.by_set(id)[0]
        trash.put(first.id, {'id': str(uuid.uuid4()), 'kind': 'delete',
                             'target': 'overcloud'}, 7200)
        before = backups.get(first.id).purge_at
        self.clean_up(id)
        self.assertEqual(['trashed'] * 3, self.statuses(id))
        self.assertEqual(before, backups.get(first.id).purge_at)
        # Nor does a clean-up without a delay take it out.
        other = self.set()
        trash.put(backups.by_set(other)[0].id, {
            'id': str(uuid.uuid4()), 'kind': 'delete',
            'target': 'overcloud'}, 7200)
        job = fixtures.add_job(kind='cleanup', state='running')
        self.assertEqual(2, len(sets.condemn(other, job=job, epoch=1)))
        self.assertEqual(['trashed', 'deleting', 'deleting'],
                         self.statuses(other))

    def test_a_set_is_had_back_as_a_whole_or_not_at_all(self):
        id = self.set()
        self.put(id)
        rows = backups.by_set(id)
        backups.move(rows[2].id, 'delete')
        with self.assertRaisesRegex(errors.Conflict, rows[2].id):
            trash.undelete(rows[0].id, whole=True)
        self.assertEqual(['trashed', 'trashed', 'deleting'],
                         self.statuses(id))
        trash.undelete(rows[0].id)
        self.assertEqual(['available', 'trashed', 'deleting'],
                         self.statuses(id))

    def test_what_is_not_there_is_not_had_back(self):
        for status in ('available', 'error', 'creating'):
            id = fixtures.add_backup(status=status)
            with self.assertRaisesRegex(
                    errors.Conflict, f'is {status}, and not in the trash'):
                trash.undelete(id)
        with self.assertRaisesRegex(errors.Conflict, 'is being removed'):
            trash.undelete(fixtures.add_backup(status='deleting'))
        with self.assertRaises(errors.NotFound) as caught:
            trash.undelete(str(uuid.uuid4()))
        self.assertIn('its time there was over', caught.exception.hint)

    def test_a_set_in_the_trash_cannot_be_protected_before_it_is_back(self):
        id = self.set(suspicions=['it has 3 files'])
        self.put(id)
        with self.assertRaisesRegex(errors.Conflict, 'is in the trash'):
            sets.protect(id, True)
        sets.trust(id)
        trash.undelete(backups.by_set(id)[0].id, whole=True)
        sets.protect(id, True)
        self.assertEqual({True}, {row.protected and bool(row.trusted_at)
                                  for row in backups.by_set(id)})

    def test_what_is_there_is_no_good_set_and_keeps_no_clean_up(self):
        id = self.set(set_size=None, suspicions=['it has 3 files'])
        trash.put(backups.by_set(id)[0].id, {
            'id': str(uuid.uuid4()), 'kind': 'delete',
            'target': 'overcloud'}, 60)
        (one,), _now = sets.of_target('overcloud')
        self.assertEqual((False, True, None),
                         (one.whole, one.suspicious, one.purge_at))
        self.clean_up(id)
        (one,), _now = sets.of_target('overcloud')
        self.assertEqual((False, False), (one.whole, one.suspicious))
        self.assertEqual(min(row.purge_at for row in backups.by_set(id)),
                         one.purge_at)

    def test_what_is_there_is_no_history_and_no_parent(self):
        id = fixtures.add_backup(snapshot='ab12')
        row = backups.get(fixtures.add_backup(node='controller-0'))
        self.put(backups.get(id).set_id)
        self.assertEqual([], sets.usual(row, 20))
        self.put(row.set_id)
        self.assertIsNone(backups.parent('controller-0'))
        self.assertEqual([], backups.last_set(
            'overcloud', ['controller-0'], stopall=False, quiesce_mode=None))

    def test_what_it_takes_is_counted(self):
        self.assertEqual(0, trash.stored_bytes())
        self.put(self.set(stored_bytes=7))
        self.put(self.set({'stored_bytes': None}))
        self.assertEqual(21, trash.stored_bytes())

    def test_no_look_for_what_is_due_reads_all_backups(self):
        with session.reader() as connection:
            plan = connection.execute(sa.text(
                'EXPLAIN QUERY PLAN SELECT id FROM backups WHERE purge_at <= '
                "'2026-01-01'")).all()
        self.assertIn('ix_backups_purge_at', str(plan))
