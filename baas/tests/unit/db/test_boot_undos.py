# SPDX-License-Identifier: Apache-2.0
from baas.db import boot_undos
from baas.db import jobs
from baas.tests.unit.db import database


class DebtsTest(database.DatabaseTest):

    def setUp(self):
        super().setUp()
        self.made = self.job(kind='restore')
        self.row = jobs.claim(self.made.id, 'first', 60)
        self.by = (self.row.id, self.row.epoch)

    def save(self, undo, by=None):
        boot_undos.save(self.row.id, 'controller-0', 'pxe', undo,
                        by or self.by)

    def get(self):
        return boot_undos.get(self.row.id, 'controller-0')

    def test_what_is_noted_again_replaces_what_was(self):
        self.save({'a': 1})
        self.save({'b': [2]})
        self.assertEqual(({'b': [2]}, 'pxe', None), (
            self.get().undo, self.get().method, self.get().undone_at))

    def test_who_lost_the_claim_writes_nothing(self):
        stale = (self.by[0], self.by[1] - 1)
        self.assertRaises(boot_undos.LeaseLost, self.save, {'a': 1}, stale)
        self.assertIsNone(self.get())
        self.save({'a': 1})
        self.assertRaises(boot_undos.LeaseLost, self.save, {'b': 1}, stale)
        boot_undos.finish(self.row.id, 'controller-0', stale)
        self.assertEqual(({'a': 1}, None), (self.get().undo,
                                            self.get().undone_at))
        self.assertRaises(boot_undos.LeaseLost, boot_undos.check_lease, *stale)
        boot_undos.check_lease(*self.by)

    def test_a_job_owes_once_it_has_ended_until_all_is_paid(self):
        self.save({'a': 1})
        self.assertEqual([], boot_undos.pending())
        jobs.move(self.row.id, 'fail', epoch=self.row.epoch)
        self.assertEqual(1, len(boot_undos.pending('controller-0')))
        self.assertEqual([], boot_undos.pending('controller-1'))
        # By a job that came later.
        later = jobs.claim(self.job(kind='boot-cleanup').id, 'second', 60)
        boot_undos.fail(self.row.id, 'controller-0', (later.id, later.epoch),
                        'The BMC is away.')
        self.assertEqual('The BMC is away.', boot_undos.pending()[0].error)
        self.assertEqual([], boot_undos.due(60))
        boot_undos.finish(self.row.id, 'controller-0', (later.id, later.epoch))
        self.assertEqual([], boot_undos.pending())
        self.assertIsNone(self.get().error)

    def test_what_is_owed_anew_is_unpaid(self):
        self.save({'a': 1})
        boot_undos.finish(self.row.id, 'controller-0', self.by)
        self.save({'b': 1})
        self.assertIsNone(self.get().undone_at)
