# SPDX-License-Identifier: Apache-2.0
from baas.db.coverage import coverages
from baas.db import jobs
from baas.tests import fixtures
from baas.tests.unit.db import database

REPORT = {'gaps': [], 'looked': {'c-0': ['path']}, 'new': [], 'closed': [],
          'previous_set_id': None, 'first': ''}


class CoveragesTest(database.DatabaseTest):

    def test_the_last_word_of_a_job_is_kept(self):
        id = fixtures.add_job()
        self.assertIsNone(coverages.get(id))
        for first in ('one', 'two'):
            self.assertTrue(coverages.write(id, 1, {**REPORT,
                                                    'first': first}))
        self.assertEqual('two', coverages.get(id)['first'])

    def test_who_has_lost_the_lease_changes_nothing(self):
        id = fixtures.add_job(epoch=2)
        coverages.write(id, 2, REPORT)
        self.assertFalse(coverages.write(id, 1, {**REPORT, 'first': 'old'}))
        self.assertEqual(REPORT, coverages.get(id))
        self.assertFalse(coverages.write('no-such-job', 1, REPORT))

    def set(self, number, **columns):
        """Write a set with a report; give its id."""
        status = columns.pop('status', 'available')
        id = fixtures.add_job(number=number, **columns)
        fixtures.add_backup(set_id=id, status=status, number=number)
        coverages.write(id, 1, REPORT)
        return id

    def test_earlier_sets_are_good_ones_of_the_target_newest_first(self):
        first, second = self.set(1), self.set(2)
        self.set(3, status='error')
        self.set(4, target='undercloud')
        self.set(5, kind='check')
        now = self.set(6)
        self.set(7)
        self.assertEqual(
            [{'set_id': id, 'gaps': [], 'looked': REPORT['looked']}
             for id in (second, first)], coverages.earlier(jobs.get(now)))

    def test_nodes_with_an_available_backup_are_named_once(self):
        for node, status in (('c-0', 'available'), ('c-0', 'available'),
                             ('c-1', 'error')):
            fixtures.add_backup(node=node, status=status)
        self.assertEqual({'c-0'}, coverages.backed_up())
