# SPDX-License-Identifier: Apache-2.0
"""The quiesced undercloud, with the database of the service on it."""
import secrets
import unittest

from baas.tests.lab import machines
from baas.tests.lab import service as services
from baas.tests.lab import test_lab

# The names that the modules of the lab share.
setUpModule = test_lab.setUpModule
ADDRESS = f'{services.NETWORK}.5'
RUNNING = ('systemctl list-units --state=active --plain --no-legend '
           "'tripleo_*' mariadb.service | awk '{print $1}'")


class UndercloudTest(test_lab.LabTest):
    """Has a database of the service on the undercloud, at ``url``."""

    def setUp(self):
        # How the controllers are does not matter.
        unittest.TestCase.setUp(self)
        self.before = machines.on('undercloud', RUNNING).split()
        self.assertIn('mariadb.service', self.before)
        name, password = test_lab.service.state.name, secrets.token_hex(16)
        name = name.replace('-', '_')
        machines.on('undercloud', f'''mysql <<'SQL'
CREATE DATABASE {name};
CREATE USER {name}@'{services.NETWORK}.%' IDENTIFIED BY '{password}';
GRANT ALL ON {name}.* TO {name}@'{services.NETWORK}.%';
SQL''')
        self.addCleanup(
            machines.on, 'undercloud',
            f'mysql -e "DROP DATABASE {name}; '
            f'DROP USER {name}@\'{services.NETWORK}.%\'"')
        self.addCleanup(test_lab.service.restart)
        self.url = f'mysql+pymysql://{name}:{password}@{ADDRESS}/{name}'

    def assert_as_before(self):
        self.assertEqual(self.before,
                         machines.on('undercloud', RUNNING).split())
        self.assert_no_leftovers(['undercloud'])


class TestOwnDatabase(UndercloudTest):

    def refusals(self, job):
        """Ask for a job until it ends; give it, and the statuses with which
        the service said that it could not answer."""
        seen = []
        while True:
            status, answer = test_lab.service.call('GET', f'/v1/job/{job}')
            if status != 200:
                seen.append(status)
            elif answer['state'] in services.FINAL:
                return answer, seen

    def test_the_database_of_the_service_rests_and_the_job_goes_on(self):
        for mode in ('stop', 'freeze'):
            with self.subTest(mode):
                test_lab.service.restart(mode=mode, database=self.url)
                asked = test_lab.service.submit(
                    '/v1/backup/undercloud?stopall=yes')
                job, refused = self.refusals(asked['id'])
                self.assert_done(job)
                self.assertEqual({503} if mode == 'stop' else set(),
                                 set(refused))
                self.assert_as_before()
                self.assert_announced(job['id'])
                [row] = test_lab.service.backups(set_id=job['id'])
                self.assertEqual('available', row['status'])
                self.assertGreater(row['outage_seconds'], 0)

    def assert_announced(self, id):
        log = test_lab.service.call('GET', f'/v1/job/{id}/log')[1]
        said = [line['message'] for line in log['events']]
        self.assertIn('The node hosts what this service needs (database): '
                      'it may not answer while services are quiesced.', said)
        self.assertEqual('The job is done.', said[-1])
