# SPDX-License-Identifier: Apache-2.0
"""The service in a cloud: Keystone, MariaDB, RabbitMQ, an API and two
conductors, all of them processes, and the real `openstack` command."""
import contextlib
import json
import subprocess
import unittest

import requests

from baas.tests.integration import keystone
from baas.tests.integration import mariadb
from baas.tests.integration import process
from baas.tests.integration import rabbitmq
from baas.tests.integration import service


class CloudTest(unittest.TestCase):
    """An operator's day, from a sourced rc file."""

    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(process.folder())
        parts = cls.enterClassContext(contextlib.ExitStack())
        cls.database = mariadb.MariaDB(cls.folder)
        cls.broker = rabbitmq.RabbitMQ(cls.folder)
        cls.closed = process.free_port()
        cls.service = service.Service(
            cls.folder, cls.database.url, cls.broker.url, cls.closed)
        cls.identity = keystone.Keystone(cls.folder, cls.service.url)
        for part in (cls.database, cls.broker, cls.identity, cls.service):
            parts.callback(part.stop)
            if part is not cls.service:
                part.start()
        cls.service.configure(
            cls.database.url, cls.broker.url,
            'auth_strategy = keystone\noperators_project_id = '
            + cls.identity.token('ada')[1]['project']['id'] + '\n'
            + cls.identity.options())
        cls.service.manage('db', 'sync')
        cls.service.manage('key', 'create')
        cls.service.start_api()
        for name in ('one', 'two'):
            cls.service.start_conductor(name)

    def openstack(self, user, *words, password=keystone.PASSWORD):
        """Source the rc file of a user and run `openstack`."""
        rc = self.folder / f'{user}.rc'
        rc.write_text(self.identity.rc(user, password))
        return subprocess.run(
            ['bash', '-c', f'. {rc} && exec openstack "$@"', 'openstack',
             *words], env=process.environment(), text=True,
            capture_output=True, timeout=process.SECONDS)

    def good(self, user, *words):
        """As :meth:`openstack`; give the decoded JSON."""
        done = self.openstack(user, *words, '-f', 'json')
        self.assertEqual(0, done.returncode, done.stderr)
        return json.loads(done.stdout)

    def jobs(self):
        """Count the jobs."""
        return self.database.ask('SELECT COUNT(*) FROM baas.jobs')

    def test_a_request_without_a_token_is_401(self):
        answer = self.service('GET', '/v1/backup')
        self.assertEqual(401, answer.status_code)
        self.assertIn(self.identity.url, answer.headers['WWW-Authenticate'])
        self.assertTrue(answer.json()['errors'][0]['hint'])

    def test_a_made_up_token_is_401(self):
        answer = self.service('GET', '/v1/backup',
                              headers={'X-Auth-Token': 'made-up'})
        self.assertEqual(401, answer.status_code)

    def test_claims_in_headers_are_not_believed(self):
        answer = self.service('GET', '/v1/backup', headers={
            'X-Roles': 'admin', 'X-User-Id': 'ada',
            'X-Identity-Status': 'Confirmed'})
        self.assertEqual(401, answer.status_code)

    def test_what_is_open_needs_no_token(self):
        for path in ('/', '/v1', '/v1/openapi.json', '/healthcheck'):
            with self.subTest(path=path):
                self.assertEqual(
                    200, requests.get(self.service.url + path,
                                      timeout=60).status_code)

    def test_a_reader_lists_but_does_not_create(self):
        self.assertIsInstance(
            self.good('rea', 'overcloud', 'backup', 'list'), list)
        before = self.jobs()
        refused = self.openstack('rea', 'overcloud', 'backup', 'create')
        self.assertNotEqual(0, refused.returncode)
        self.assertIn('403', refused.stderr)
        self.assertEqual(before, self.jobs())

    def test_a_member_may_not_create_either(self):
        before = self.jobs()
        refused = self.openstack('mel', 'overcloud', 'backup', 'create')
        self.assertNotEqual(0, refused.returncode)
        self.assertIn('403', refused.stderr)
        self.assertEqual(before, self.jobs())

    def test_a_wrong_password_is_told_as_such(self):
        refused = self.openstack('ada', 'overcloud', 'backup', 'list',
                                 password='wrong')
        self.assertNotEqual(0, refused.returncode)
        self.assertIn('401', refused.stderr)

    def test_an_admin_creates_and_one_conductor_alone_runs_it(self):
        made = self.good('ada', 'overcloud', 'backup', 'create')
        job = self.ended(made['id'])
        self.assertEqual('error', job['state'])
        error = job['error']
        self.assertEqual('controller-0', error['node'])
        self.assertEqual('check', error['step'])
        self.assertIn('cannot be reached', error['cause'])
        self.assertIn(str(self.closed), error['cause'])
        self.assertTrue(error['hint'])
        self.assertEqual(['1'], self.database.ask(
            f"SELECT epoch FROM baas.jobs WHERE id = '{made['id']}'"))
        begun = [name for name, one in self.service.conductors.items()
                 if f'Job {made["id"]}: backup' in one.words()]
        self.assertEqual(1, len(begun), begun)

    def test_a_failed_backup_is_listed_as_such_with_its_reason(self):
        made = self.good('ada', 'overcloud', 'backup', 'create')
        self.ended(made['id'])
        rows = self.good('rea', 'overcloud', 'backup', 'list', '--set',
                         made['id'], '--long')
        self.assertEqual(['controller-0'], [row['Node'] for row in rows])
        self.assertEqual('error', rows[0]['Status'])
        self.assertIn('cannot be reached', rows[0]['Error'])

    def test_who_asked_is_on_the_job(self):
        made = self.good('ada', 'overcloud', 'backup', 'create')
        job = self.ended(made['id'])
        token = self.good('ada', 'token', 'issue')
        self.assertEqual(token['user_id'], job['user_id'])
        self.assertTrue(job['request_id'].startswith('req-'))

    def test_waiting_for_a_backup_that_fails_fails(self):
        done = self.openstack('ada', 'overcloud', 'backup', 'create',
                              '--wait')
        self.assertNotEqual(0, done.returncode)
        self.assertIn('controller-0', done.stderr)
        self.assertIn('cannot be reached', done.stderr)

    def test_while_keystone_is_away_the_answer_is_503(self):
        self.identity.stop()
        self.addCleanup(self.identity.serve)
        answer = self.service('GET', '/v1/backup',
                              headers={'X-Auth-Token': 'of-yesterday'})
        self.assertEqual(503, answer.status_code)
        self.assertTrue(answer.json()['errors'][0]['hint'])

    def test_no_secret_is_in_any_log(self):
        self.good('ada', 'overcloud', 'backup', 'list')
        for log in self.folder.glob('*.log'):
            if log.name.startswith(('baas-', 'conductor-')):
                with self.subTest(log=log.name):
                    self.assertNotIn(keystone.PASSWORD, log.read_text())

    def ended(self, id):
        """Wait until a job has ended, by the command; give it."""
        return process.wait_until(
            lambda: (lambda job: job['finished_at'] and job)(
                self.good('ada', 'backup', 'job', 'show', id)),
            f'job {id} has ended')


if __name__ == '__main__':
    unittest.main()
