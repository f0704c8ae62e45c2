# SPDX-License-Identifier: Apache-2.0
"""Clean-ups move what goes to the trash, and see nothing of what is there."""
from baas.db import backups
from baas.db.retention import cleanups as policies
from baas.db.retention import sets
from baas.db.retention import trash
from baas.requests import cleanups
from baas.requests import submit
from baas.tests.conductor import trashing
from baas.tests.conductor.trashing import HOUR
from baas.tests import fixtures


class FillTest(trashing.TrashTest):

    def setUp(self):
        super().setUp()
        self.policy = fixtures.add_cleanup(keep_last=2)
        self.sets = [self.add_set(day) for day in range(4, 0, -1)]

    def clean_up(self):
        job = self.run_job(submit.cleanup(self.policy))
        self.assertEqual('done', job.state, job.error_cause)
        return job

    def reasons(self):
        """Give (stays, codes of reasons) of all sets, newest first."""
        return [(one.keep, [why.code for why in one.reasons])
                for one in cleanups.decide(policies.get(self.policy))]

    def test_a_clean_up_removes_nothing_for_three_days(self):
        job = self.clean_up()
        self.assertEqual([], self.done())
        for id in self.sets[2:]:
            self.assertEqual(['trashed'] * 3, self.statuses(id))
            left = {row.purge_at for row in backups.by_set(id)}
            self.assertEqual(1, len(left))
            self.assertEqual(3, round((left.pop() - job.created_at) / HOUR
                                      / 24))
        self.assertIn('2 sets stay and 2 go.', self.said(job))
        self.assertRegex('\n'.join(self.said(job)), (
            f'Set {self.sets[3]} of 2026-01-01 00:00 UTC goes to the trash '
            'until .* UTC: no rule keeps it.'))
        self.pass_by(73 * HOUR)
        self.assertEqual('done', self.run_job(*self.tick()).state)
        self.assertEqual([], backups.by_set(self.sets[2]))

    def test_what_is_there_is_no_matter_of_the_next_one(self):
        self.clean_up()
        trashed = [(False, ['trashed'])] * 2
        self.assertEqual(trashed, self.reasons()[2:])
        before = [backups.by_set(id) for id in self.sets]
        self.assertIn('2 sets stay and 0 go.', self.said(self.clean_up()))
        self.assertEqual(before, [backups.by_set(id) for id in self.sets])

    def test_what_is_there_is_not_among_the_good_sets_that_stay(self):
        self.delete(self.sets[0])
        self.clean_up()
        self.assertEqual([['trashed'] * 3, ['available'] * 3,
                          ['available'] * 3, ['trashed'] * 3],
                         [self.statuses(id) for id in self.sets])

    def test_a_suspicious_set_there_keeps_no_clean_up_from_its_work(self):
        odd = self.add_set(5, suspicions=['it has 3 files'])
        self.assertIn('5 sets stay and 0 go.', self.said(self.clean_up()))
        self.assertEqual(['available'] * 3, self.statuses(self.sets[3]))
        self.delete(odd)
        self.clean_up()
        self.assertEqual(['trashed'] * 3, self.statuses(self.sets[3]))
        trash.undelete(backups.by_set(odd)[0].id, whole=True)
        self.assertEqual(['it has 3 files'],
                         backups.by_set(odd)[0].suspicions)

    def test_a_set_in_error_is_moved_there_too_and_is_had_back_as_such(self):
        broken = self.add_set(2, status='error', error='No space.')
        self.clean_up()
        self.assertEqual(['trashed'] * 3, self.statuses(broken))
        trash.undelete(backups.by_set(broken)[0].id, whole=True)
        self.assertEqual(['error'] * 3, self.statuses(broken))

    def test_what_is_had_back_goes_again_unless_it_is_protected(self):
        self.clean_up()
        for id in self.sets[2:]:
            trash.undelete(backups.by_set(id)[0].id, whole=True)
        sets.protect(self.sets[3], True)
        self.clean_up()
        self.assertEqual(
            [['trashed'] * 3, ['available'] * 3],
            [self.statuses(id) for id in self.sets[2:]])
