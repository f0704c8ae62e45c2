# SPDX-License-Identifier: Apache-2.0
"""Whoever takes any revision is not refused because others are faster."""
import concurrent.futures
import json
import unittest
from urllib import request

from baas.api import microversion
from baas.db.schedule import schedules
from baas.tests import fixtures
from baas.tests.functional import test_wire

TIMES = 20


class ParallelChangesTest(unittest.TestCase):

    def setUp(self):
        service = fixtures.BaasFixture(options={('api', 'threads'): TIMES})
        service.setUp()
        self.addCleanup(service.cleanUp)
        self.one = fixtures.add_schedule(stopall=False, grace_minutes=0)
        self.url = f'{service.serve()}/v1/schedule/{self.one}'

    def change(self, number):
        """Change the schedule; give the status of the answer."""
        asked = request.Request(
            self.url, method='PATCH',
            data=json.dumps({'grace_minutes': number}).encode(),
            headers={'Authorization': f'Basic {test_wire.TOKEN}',
                     'Content-Type': 'application/json', 'If-Match': '*',
                     microversion.HEADER: microversion.value('1.1')})
        with request.urlopen(asked, timeout=60) as answer:
            return answer.status

    def test_changes_of_any_revision_at_the_same_time_are_all_done(self):
        before = schedules.get(self.one).revision
        with concurrent.futures.ThreadPoolExecutor(TIMES) as pool:
            self.assertEqual([200] * TIMES, list(pool.map(
                self.change, range(1, TIMES + 1))))
        after = schedules.get(self.one)
        self.assertEqual(before + TIMES, after.revision)
        self.assertIn(after.grace_minutes, range(1, TIMES + 1))
