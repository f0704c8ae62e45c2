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

    def note(self, owed, by=None):
        boot_undos.note(self.row.id, 'controller-0', 'pxe', owed,
                        by or self.by)

    def get(self):
        return boot_undos.get(self.row.id, 'controller-0')

    def test_what_is_noted_again_replaces_what_was(self):
        self.note({'a': 1})
        self.note({'b': [2]})
        self.assertEqual(({'b': [2]}, 'pxe', None), (
            self.get().owed, self.get().method, self.get().paid_at))

    def test_who_lost_the_claim_writes_nothing(self):
        stale = (self.by[0], self.by[1] - 1)
        self.assertRaises(boot_undos.ClaimLost, self.note, {'a': 1}, stale)
        self.assertIsNone(self.get())
        self.note({'a': 1})
        self.assertRaises(boot_undos.ClaimLost, self.note, {'b': 1}, stale)
        boot_undos.pay(self.row.id, 'controller-0', stale)
        self.assertEqual(({'a': 1}, None), (self.get().owed,
                                            self.get().paid_at))
        self.assertRaises(boot_undos.ClaimLost, boot_undos.admit, *stale)
        boot_undos.admit(*self.by)

    def test_a_job_owes_once_it_has_ended_until_all_is_paid(self):
        self.note({'a': 1})
        self.assertEqual([], boot_undos.unpaid())
        jobs.move(self.row.id, 'fail', epoch=self.row.epoch)
        self.assertEqual(1, len(boot_undos.unpaid('controller-0')))
        self.assertEqual([], boot_undos.unpaid('controller-1'))
        # By a job that came later.
        later = jobs.claim(self.job(kind='put-back').id, 'second', 60)
        boot_undos.fail(self.row.id, 'controller-0', (later.id, later.epoch),
                        'The BMC is away.')
        self.assertEqual('The BMC is away.', boot_undos.unpaid()[0].error)
        self.assertEqual([], boot_undos.due(60))
        boot_undos.pay(self.row.id, 'controller-0', (later.id, later.epoch))
        self.assertEqual([], boot_undos.unpaid())
        self.assertIsNone(self.get().error)

    def test_what_is_owed_anew_is_unpaid(self):
        self.note({'a': 1})
        boot_undos.pay(self.row.id, 'controller-0', self.by)
        self.note({'b': 1})
        self.assertIsNone(self.get().paid_at)
