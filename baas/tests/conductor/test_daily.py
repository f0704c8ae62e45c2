# SPDX-License-Identifier: Apache-2.0
"""The verification of each day."""
import datetime
import threading

import sqlalchemy as sa

from baas.conductor.verification import daily
from baas.db import jobs
from baas.db import models
from baas.db import session
from baas.requests import submit
from baas.tests.conductor import test_verification
from baas.tests import fixtures

NODE = test_verification.NODE


class DailyTest(test_verification.VerifyingTest):

    def begin(self, day=1, hour=9):
        """Look what is due on a day of January; give the jobs that verify."""
        daily.begin_due(today=lambda _connection: (
            datetime.date(2026, 1, day), hour))
        return jobs.page(filters={'kind': 'verify'})

    def test_each_day_has_one_job_whoever_looks(self):
        threads = [threading.Thread(target=self.begin)
                   for _conductor in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        [job] = self.begin()
        self.assertEqual(('overcloud', None, {'share': 1 / 30,
                                              'daily': True}),
                         (job.target, job.node, job.options))
        self.run_job(job)
        self.assertEqual(1, len(self.begin()))
        told = self.told(job)
        self.assertEqual((1 / 30, None, 30 * 24 * 3600), (
            told['share'], told['since'], told['longest']))

    def test_the_next_day_has_another_one(self):
        [job] = self.begin()
        self.run_job(job)
        self.assertEqual(2, len(self.begin(day=2)))

    def test_a_target_without_backups_has_none(self):
        with session.writer() as connection:
            connection.execute(sa.delete(models.Backup))
        self.assertEqual([], self.begin())

    def test_without_a_period_there_is_none(self):
        self.service.conf.config(group='verification', period=0)
        self.assertEqual([], self.begin())

    def test_it_waits_for_a_delete(self):
        deleting = submit.delete(fixtures.add_backup(node=NODE))
        self.assertEqual([], self.begin())
        self.scenario({'delete': {'*': {'verb': 'remove'}}})
        self.run_job(deleting)
        self.assertEqual(1, len(self.begin()))

    def test_a_node_that_is_gone_does_not_fail_the_others(self):
        fixtures.add_backup(node='controller-9')
        [job] = self.begin()
        job = self.run_job(job)
        self.assertEqual(('done', [NODE]), (job.state, list(job.result)))
        self.assertTrue(any('controller-9 is not read' in line
                            for line in self.log(job)))

    def test_before_its_hour_nothing_is_begun(self):
        self.assertEqual([], self.begin(hour=4))
        self.service.conf.config(group='verification', hour=4)
        self.assertEqual(1, len(self.begin(hour=4)))
