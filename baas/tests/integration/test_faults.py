# SPDX-License-Identifier: Apache-2.0
"""What dies while the service works: broker, database, conductors."""
from concurrent import futures
import contextlib
import pathlib
import time
import unittest

from baas.tests.integration import mariadb
from baas.tests.integration import node
from baas.tests.integration import process
from baas.tests.integration import rabbitmq
from baas.tests.integration import service

PATIENCE = 4 * service.LEASE + 30
"""Seconds in which another conductor has taken a job over, surely."""


class FaultTest(unittest.TestCase):
    """An API, two conductors, MariaDB and RabbitMQ, each a process."""

    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(process.folder())
        parts = cls.enterClassContext(contextlib.ExitStack())
        cls.database = mariadb.MariaDB(cls.folder)
        cls.broker = rabbitmq.RabbitMQ(cls.folder)
        cls.closed = process.free_port()
        cls.service = service.Service(
            cls.folder, cls.database.url, cls.broker.url, cls.closed)
        cls.silent = node.SilentNode()
        parts.callback(cls.silent.close)
        for part in (cls.database, cls.broker, cls.service):
            parts.callback(part.stop)
        cls.database.start()
        cls.broker.start()
        cls.service.manage('db', 'sync')
        cls.service.manage('key', 'create')

    def setUp(self):
        """Have everything running, whatever the test before has broken."""
        if not self.database.process.is_running:
            self.database.start()
        if not self.broker.process.is_running:
            self.broker.start()
        if self.service.api is None or not self.service.api.is_running:
            self.service.start_api()
        for name in ('one', 'two'):
            known = self.service.conductors.get(name)
            if known is None or not known.is_running:
                self.service.start_conductor(name)
        self.service.place_node(self.closed)
        self.silent.forget()

    def owner(self, job):
        """Give the conductor that has claimed a job, and the epoch."""
        owner, epoch = self.database.ask(
            f"SELECT owner, epoch FROM baas.jobs WHERE id = '{job}'"
        )[0].split('\t')
        return owner, int(epoch)

    def hang(self):
        """Begin a job that hangs on its node; give its id and owner."""
        self.service.place_node(self.silent.port)
        job = self.service.take_backup()
        process.wait_until(lambda: self.silent.is_visited,
                           'a conductor has reached for the node')
        return job, self.owner(job)[0]

    def assert_ran(self, job):
        """The job ran to the node that is not there, once."""
        ended = self.service.ended(job)
        self.assertEqual('error', ended['state'])
        self.assertEqual('controller-0', ended['error']['node'])
        self.assertEqual('check', ended['error']['step'])
        self.assertIn('cannot be reached', ended['error']['cause'])
        return ended

    def test_a_job_without_a_broker_is_accepted_and_run_by_the_sweep(self):
        self.broker.kill()
        answer = self.service('POST', '/v1/backup/overcloud')
        self.assertEqual(202, answer.status_code, answer.text)
        # Not until the broker is back, nor until somebody gives up.
        self.assertLess(answer.elapsed.total_seconds(), 30)
        self.assert_ran(answer.json()['id'])
        self.assertEqual(1, self.owner(answer.json()['id'])[1])

    def test_after_the_broker_is_back_jobs_run_as_before(self):
        self.broker.kill()
        self.broker.start()
        self.assert_ran(self.service.take_backup())

    def test_a_service_that_starts_without_a_broker_works(self):
        self.broker.kill()
        for one in (self.service.api, *self.service.conductors.values()):
            one.kill()
        self.service.start_api()
        made = self.service.start_conductor('one', ready=False)
        self.assert_ran(self.service.take_backup())
        self.broker.start()
        made.wait_until(lambda: service.HEARS in made.words(),
                        'the conductor hears the broker')

    def test_a_conductor_that_waits_for_the_broker_can_be_stopped(self):
        self.broker.kill()
        self.service.conductors['one'].kill()
        made = self.service.start_conductor('one', ready=False)
        self.assert_ran(self.service.take_backup())
        self.assertEqual(0, made.stop(120))

    def test_a_conductor_that_has_lost_the_broker_can_be_stopped(self):
        self.broker.kill()
        self.assertEqual(0, self.service.conductors['one'].stop(120))

    def test_while_the_database_is_away_the_answer_is_503_with_a_hint(self):
        self.database.kill()
        answer = self.service('GET', '/v1/backup')
        self.assertEqual(503, answer.status_code, answer.text)
        self.assertTrue(answer.json()['errors'][0]['hint'])
        self.assertEqual(
            503, self.service('POST', '/v1/backup/overcloud').status_code)
        before = {name: one.pid
                  for name, one in self.service.conductors.items()}
        self.database.start()
        self.assertEqual(200, self.service('GET', '/v1/backup').status_code)
        self.assert_ran(self.service.take_backup())
        for name, one in self.service.conductors.items():
            self.assertTrue(one.is_running, name)
            self.assertEqual(before[name], one.pid)

    def test_a_job_lives_through_a_short_absence_of_the_database(self):
        job, owner = self.hang()
        self.database.kill()
        self.database.start()
        self.silent.forget()
        ended = self.service.ended(job)
        self.assertEqual((owner, 1), self.owner(job))
        self.assertIn('cannot be reached', ended['error']['cause'])

    def test_the_job_of_a_killed_conductor_is_closed_by_the_other(self):
        job, owner = self.hang()
        self.assertNotEqual([], self.ansible(job))
        self.service.conductors[owner].kill()
        process.wait_until(lambda: not self.ansible(job),
                           'Ansible ends with its conductor')
        ended = self.service.ended(job, PATIENCE)
        self.assertEqual('error', ended['state'])
        self.assertIn('gone', ended['error']['cause'])
        heir, epoch = self.owner(job)
        self.assertNotEqual(owner, heir)
        self.assertEqual(2, epoch)
        self.assertIsNone(self.holder())

    def test_a_killed_conductor_that_is_back_closes_its_jobs_at_once(self):
        job, owner = self.hang()
        other = {'one': 'two', 'two': 'one'}[owner]
        self.service.conductors[other].kill()
        self.service.conductors[owner].kill()
        self.service.start_conductor(owner)
        ended = self.service.ended(job, PATIENCE)
        self.assertIn('gone', ended['error']['cause'])
        self.assertEqual((owner, 2), self.owner(job))

    def test_a_conductor_that_slept_past_its_lease_acts_no_more(self):
        job, owner = self.hang()
        sleeper = self.service.conductors[owner]
        sleeper.pause()
        try:
            ended = self.service.ended(job, PATIENCE)
            heir, epoch = self.owner(job)
            self.assertNotEqual(owner, heir)
            log = self.service.log(job)
            # Ansible fails meanwhile: its words wait for the sleeper.
            self.silent.forget()
            time.sleep(5)
        finally:
            sleeper.go_on()
        sleeper.wait_until(
            lambda: f'lease on job {job} is lost' in sleeper.words(),
            'the sleeper has noticed')
        # A job of its own shows that it is awake and free again.
        self.service.place_node(self.closed)
        self.service.conductors[heir].stop()
        self.assert_ran(self.service.take_backup())
        self.assertEqual(log, self.service.log(job))
        self.assertEqual(ended, self.service.job(job))
        self.assertEqual((heir, epoch), self.owner(job))

    def test_a_conductor_that_is_told_to_stop_closes_its_job_first(self):
        job, owner = self.hang()
        self.assertEqual(0, self.service.conductors[owner].stop(60))
        ended = self.service.job(job)
        self.assertEqual('error', ended['state'])
        self.assertIn('stopped', ended['error']['cause'])

    def test_of_two_requests_at_once_one_is_taken_and_one_told_by_whom(self):
        self.service.place_node(self.silent.port)
        for turn in range(5):
            with self.subTest(turn=turn), futures.ThreadPoolExecutor() as two:
                answers = sorted(two.map(
                    lambda _: self.service('POST', '/v1/backup/overcloud'),
                    range(2)), key=lambda answer: answer.status_code)
                self.assertEqual([202, 409], [answer.status_code
                                              for answer in answers])
                job = answers[0].json()['id']
                self.assertIn(job, answers[1].json()['errors'][0]['detail'])
                self.service('POST', f'/v1/job/{job}/cancel')
                self.silent.forget()
                self.assertEqual('cancelled',
                                 self.service.ended(job)['state'])

    def ansible(self, job):
        """Name the processes of Ansible that work for a job."""
        return [path.parent.name
                for path in pathlib.Path('/proc').glob('[0-9]*/cmdline')
                if job in (words := _read(path)) and '-playbook' in words]

    def holder(self):
        """Give the id of the job that holds the overcloud, or None."""
        held = self.database.ask(
            "SELECT id FROM baas.jobs WHERE holds = 'overcloud'")
        return held[0] if held else None


def _read(path):
    """Give the text of a file below /proc, '' when its process is gone."""
    try:
        return path.read_text()
    except OSError:
        return ''


if __name__ == '__main__':
    unittest.main()
