# SPDX-License-Identifier: Apache-2.0
"""The choice is that of ``restic forget``, which is asked itself."""
from concurrent import futures
import datetime
import json
import os
import random
import shutil
import subprocess
import tempfile
import unittest

from baas.retention import policy as policies
from baas.retention import rules
from baas.tests.unit import cheap_key
from baas.tests.unit.node import loopdisks
from baas.tests.unit.retention import made

ZONE = 'Europe/Berlin'
TIMES = (
    # Two of an hour, three of a day, and around midnight.
    '2023-03-04 10:00:00', '2023-03-04 10:59:59', '2023-03-04 23:59:59',
    '2023-03-05 00:00:00', '2023-03-05 00:30:00',
    # A week that begins in one year and ends in the next.
    '2024-12-29 12:00:00', '2024-12-30 12:00:00', '2024-12-31 23:30:00',
    '2025-01-01 00:30:00', '2025-01-05 12:00:00', '2025-01-06 00:10:00',
    # Days of 23 hours and of 25.
    '2025-03-29 23:30:00', '2025-03-30 01:30:00', '2025-03-30 03:30:00',
    '2025-10-25 23:30:00', '2025-10-26 00:30:00', '2025-10-26 03:30:00',
    # Much of late.
    '2026-05-31 23:00:00', '2026-06-01 01:00:00', '2026-06-01 23:45:00',
    '2026-06-02 00:15:00', '2026-06-02 01:15:00', '2026-06-02 01:45:00')
SUBSETS = 5
POLICIES = (
    {'last': 3}, {'hourly': 4}, {'daily': 6}, {'weekly': 4}, {'monthly': 5},
    {'yearly': 2}, {'yearly': 9}, {'hourly': 100}, {'within': 26},
    {'within': 24 * 400}, {'within': 24, 'yearly': 3},
    {'last': 2, 'hourly': 5, 'daily': 4, 'weekly': 3, 'monthly': 3,
     'yearly': 1},
    {'daily': 7, 'monthly': 12, 'within': 24 * 3})


def moment(text):
    """Give the time in UTC of a clock on the wall."""
    local = datetime.datetime.fromisoformat(text).replace(tzinfo=made.BERLIN)
    return local.astimezone(datetime.timezone.utc).replace(tzinfo=None)


@unittest.skipIf(loopdisks.why_not(), loopdisks.why_not())
class ResticTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix='baas-forget-')
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.pool = cls.enterClassContext(futures.ThreadPoolExecutor(2))
        cheap_key.repository(os.path.join(cls.folder, 'repository'),
                             'secret')
        list(cls.pool.map(cls.take, range(len(TIMES))))

    @classmethod
    def restic(cls, *words):
        """Run restic; give what it writes."""
        return subprocess.run(
            [loopdisks.RESTIC, '--quiet', '--no-cache',
             '--repo', os.path.join(cls.folder, 'repository'), *words],
            cwd=cls.folder, check=True, stdout=subprocess.PIPE,
            env={**os.environ, 'RESTIC_PASSWORD': 'secret', 'TZ': ZONE},
        ).stdout

    @classmethod
    def take(cls, number):
        """Take one of the snapshots, which is in some of the subsets."""
        tags = ','.join(subset for subset in map(str, range(SUBSETS))
                        if number in cls.members(subset))
        cls.restic('backup', '--time', TIMES[number], '--tag', tags,
                   '--stdin-from-command', '--', 'echo', 'same')

    @staticmethod
    def members(subset):
        """Give the numbers of the snapshots of a subset; the first has
        all."""
        if subset == '0':
            return set(range(len(TIMES)))
        return set(random.Random(subset).sample(range(len(TIMES)), 12))

    def forgotten(self, subset, fields):
        """Ask restic; give {time: names of the rules that keep it}."""
        words = [f'--keep-{name}={value}' + 'h' * (name == 'within')
                 for name, value in fields.items()]
        told = json.loads(self.restic(
            'forget', '--dry-run', '--no-lock', '--json', '--group-by', '',
            '--tag', subset, *words))[0]
        stay = {one['snapshot']['time'][:19].replace('T', ' '):
                {name for name in (*policies.PERIODS, 'within')
                 for match in one['matches'] if name in match.split()}
                for one in told['reasons']}
        self.assertEqual(len(self.members(subset)),
                         len(stay) + len(told['remove'] or ()))
        return stay

    def chosen(self, subset, fields):
        """Decide; give the same."""
        sets = [rules.Set(TIMES[number], moment(TIMES[number]))
                for number in self.members(subset)]
        within = fields.get('within')
        policy = policies.Policy(**{
            **fields, 'zone': made.BERLIN,
            'within': within and datetime.timedelta(hours=within)})
        codes = {one.set.id: {reason.code for reason in one.reasons}
                 for one in rules.decide(sets, policy, made.NOW) if one.keep}
        # That one stays whatever the policy is, restic does not know.
        return {id: found - {'minimum'} for id, found in codes.items()
                if found != {'minimum'}}

    def test_the_same_sets_stay_for_the_same_reasons(self):
        cases = [(str(number % SUBSETS), fields)
                 for number, fields in enumerate(POLICIES)]
        cases += [(str((number + 2) % SUBSETS), fields)
                  for number, fields in enumerate(POLICIES[9:], 9)]
        told = self.pool.map(lambda case: self.forgotten(*case), cases)
        for case, stay in zip(cases, told):
            with self.subTest(subset=case[0], **case[1]):
                self.assertEqual(stay, self.chosen(*case))
