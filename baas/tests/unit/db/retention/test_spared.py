# SPDX-License-Identifier: Apache-2.0
"""Deletes that are cancelled before they have begun."""
import datetime

from baas.db import backups
from baas.requests import submit
from baas.tests import fixtures
from baas.tests.unit.db.retention import trashed


class SparedTest(trashed.TrashTest):

    def test_a_backup_is_what_it_was(self):
        in_trash = self.set()
        self.put(in_trash)
        for id in (fixtures.add_backup(),
                   fixtures.add_backup(status='error', error='No space.'),
                   backups.by_set(in_trash)[0].id):
            before = backups.get(id)
            with self.subTest(before.status):
                submit.cancel(submit.delete(id, purge=True).id)
                self.assertEqual(before, backups.get(id))

    def test_one_of_which_some_may_be_gone_waits_for_another_delete(self):
        [id] = {row.id for row in backups.by_set(self.set(
            {'status': 'error', 'error': 'It died.',
             'purge_at': datetime.datetime(2999, 1, 1)}))}
        submit.cancel(submit.delete(id, purge=True).id)
        row = backups.get(id)
        self.assertEqual(('error', None), (row.status, row.trashed_status))
        self.assertIn('cancelled', row.error)
