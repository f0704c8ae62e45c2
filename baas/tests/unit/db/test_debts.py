# SPDX-License-Identifier: Apache-2.0
from baas.db import debts
from baas.db import jobs
from baas.tests.unit.db import database


class DebtsTest(database.DatabaseTest):

    def setUp(self):
        super().setUp()
        self.made = self.job(kind='restore')
        self.row = jobs.claim(self.made.id, 'first', 60)
        self.by = (self.row.id, self.row.epoch)

    def note(self, owed, by=None):
        debts.note(self.row.id, 'controller-0', 'pxe', owed, by or self.by)

    def get(self):
        return debts.get(self.row.id, 'controller-0')

    def test_what_is_noted_again_replaces_what_was(self):
        self.note({'a': 1})
        self.note({'b': [2]})
        self.assertEqual(({'b': [2]}, 'pxe', None), (
            self.get().owed, self.get().method, self.get().paid_at))

    def test_who_lost_the_claim_writes_nothing(self):
        stale = (self.by[0], self.by[1] - 1)
        self.assertRaises(debts.ClaimLost, self.note, {'a': 1}, stale)
        self.assertIsNone(self.get())
        self.note({'a': 1})
        self.assertRaises(debts.ClaimLost, self.note, {'b': 1}, stale)
        debts.pay(self.row.id, 'controller-0', stale)
        self.assertEqual(({'a': 1}, None), (self.get().owed,
                                            self.get().paid_at))
        self.assertRaises(debts.ClaimLost, debts.admit, *stale)
        debts.admit(*self.by)

    def test_a_job_owes_once_it_has_ended_until_all_is_paid(self):
        self.note({'a': 1})
        self.assertEqual([], debts.unpaid())
        jobs.move(self.row.id, 'fail', epoch=self.row.epoch)
        self.assertEqual(1, len(debts.unpaid('controller-0')))
        self.assertEqual([], debts.unpaid('controller-1'))
        # By a job that came later.
        later = jobs.claim(self.job(kind='put-back').id, 'second', 60)
        debts.fail(self.row.id, 'controller-0', (later.id, later.epoch),
                   'The BMC is away.')
        self.assertEqual('The BMC is away.', debts.unpaid()[0].error)
        self.assertEqual([], debts.due(60))
        debts.pay(self.row.id, 'controller-0', (later.id, later.epoch))
        self.assertEqual([], debts.unpaid())
        self.assertIsNone(self.get().error)

    def test_what_is_owed_anew_is_unpaid(self):
        self.note({'a': 1})
        debts.pay(self.row.id, 'controller-0', self.by)
        self.note({'b': 1})
        self.assertIsNone(self.get().paid_at)
