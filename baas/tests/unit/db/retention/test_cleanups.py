# SPDX-License-Identifier: Apache-2.0
from baas.db.retention import cleanups
from baas.db import jobs
from baas import errors
from baas.requests import submit
from baas.tests import fixtures
from baas.tests.unit.db import database


class CleanupsTest(database.DatabaseTest):

    def test_a_target_has_one_policy(self):
        id = fixtures.add_cleanup()
        row = cleanups.get(id)._asdict()
        for name in ('revision', 'created_at', 'updated_at'):
            row.pop(name)
        with self.assertRaises(errors.Conflict) as caught:
            cleanups.create({**row, 'id': 'other'})
        self.assertIn(id, str(caught.exception))
        cleanups.create({**row, 'id': 'other', 'target': 'undercloud'})

    def test_a_change_is_of_what_was_seen(self):
        seen = cleanups.get(fixtures.add_cleanup())
        changed = cleanups.change(seen, keep_daily=9)
        self.assertEqual((9, seen.revision + 1),
                         (changed.keep_daily, changed.revision))
        self.assertIsNone(cleanups.change(seen, keep_daily=3))
        self.assertFalse(cleanups.delete(seen))
        self.assertEqual(9, cleanups.get(seen.id).keep_daily)
        self.assertTrue(cleanups.delete(changed))
        self.assertRaises(errors.NotFound, cleanups.get, seen.id)

    def test_a_policy_in_use_stays_as_it_is(self):
        seen = cleanups.get(fixtures.add_cleanup())
        job = submit.cleanup(seen.id)
        for change in (lambda: cleanups.change(seen, keep_daily=9),
                       lambda: cleanups.delete(seen)):
            with self.assertRaises(errors.Conflict) as caught:
                change()
            self.assertIn(job.id, str(caught.exception))
        self.assertEqual(seen, cleanups.get(seen.id))
        jobs.move(job.id, 'cancel')
        self.assertEqual(9, cleanups.change(seen, keep_daily=9).keep_daily)
