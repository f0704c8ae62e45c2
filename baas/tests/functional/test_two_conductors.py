# SPDX-License-Identifier: Apache-2.0
"""Two processes that would both be the same conductor."""
import json
import pathlib
import sqlite3
import sys
import unittest

import requests

from baas.tests.functional import starting
from baas.tests.integration import node
from baas.tests.integration import process

LEASE = 20


class TwoConductorsTest(unittest.TestCase):
    """Has a baas-standalone at work on a job that hangs on its node."""

    def setUp(self):
        super().setUp()
        self.folder = self.enterContext(process.folder())
        (self.folder / 'storage').mkdir()
        self.silent = node.SilentNode()
        self.addCleanup(self.silent.close)
        (self.folder / 'inventory.json').write_text(json.dumps(
            {'Controller': {'hosts': {'controller-0': {
                'ansible_host': '127.0.0.1', 'ansible_port': self.silent.port,
                'ansible_user': 'nobody', 'ansible_ssh_retries': 0,
                'ansible_ssh_timeout': 120}}}}))
        self.state = self.folder / 'state'

    def standalone(self, name, lease, state=None):
        """Make a baas-standalone with a port of its own."""
        state, port = state or self.state, process.free_port()
        starting.restic(self.folder)
        path = self.folder / f'{name}.conf'
        path.write_text(
            f'[DEFAULT]\nstate_path = {state}\n'
            f'[database]\nconnection = sqlite:///{self.folder}/baas.sqlite\n'
            f'[api]\nbind_port = {port}\nauth_strategy = noauth\n'
            f'[conductor]\nhost = one\nlease = {lease}\nsweep_interval = 1\n'
            f'[runner]\ninventory = {self.folder}/inventory.json\n'
            f'[targets]\nown_machine = overcloud\n'
            f'[storage]\nallow_on_target = true\n'
            f'[storage_file]\npath = {self.folder}/storage\n'
            f'[payload]\nkey_file = {self.folder}/key\n'
            f'restic = {self.folder}/restic\n')
        program = pathlib.Path(sys.executable).parent / 'baas-standalone'
        made = process.Process(
            name, [program, '--config-file', path], self.folder,
            process.environment(HOME=str(self.folder)))
        made.port = port
        self.addCleanup(made.kill)
        return made

    def running(self, *args, **kwargs):
        """Start one and wait until it serves."""
        made = self.standalone(*args, **kwargs).start()
        made.wait_until(lambda: process.answers(made.port), 'it listens')
        return made

    def hang(self, one):
        """Begin a job that hangs; give its id."""
        made = requests.post(
            f'http://127.0.0.1:{one.port}/v1/backup/overcloud', timeout=60)
        self.assertEqual(202, made.status_code, made.text)
        process.wait_until(lambda: self.silent.is_visited,
                           'the conductor has reached for the node')
        return made.json()['id']

    def ask(self, question, *values):
        database = sqlite3.connect(self.folder / 'baas.sqlite', timeout=30)
        with database:
            row = database.execute(question, values).fetchone()
        database.close()
        return row

    def freeze(self, one):
        """Stop a process where it is, unless that is within a transaction:
        nobody else could write then for as long as it is stopped."""
        one.pause()
        database = sqlite3.connect(self.folder / 'baas.sqlite', timeout=0)
        try:
            database.execute('BEGIN IMMEDIATE')
        except sqlite3.OperationalError:
            one.go_on()
            return False
        finally:
            database.close()
        return True

    def job(self, id):
        return self.ask('SELECT jobs.state, status, jobs.epoch FROM jobs '
                        'JOIN backups ON set_id = jobs.id WHERE jobs.id = ?',
                        id)

    def ended(self, one):
        """Wait until a process has ended; give its status and its words."""
        process.wait_until(lambda: not one.is_running, f'{one.name} ends')
        return one.stop(), one.words()

    def test_the_second_is_refused_and_the_job_of_the_first_goes_on(self):
        first = self.running('first', 600)
        job = self.hang(first)
        status, said = self.ended(self.standalone('second', 600).start())
        self.assertEqual(1, status, said)
        self.assertEqual(2, len(said.splitlines()), said)
        self.assertIn('error: Conductor one is at work already: process '
                      f'{first.pid} on ', said)
        self.assertIn('hint: Stop that one first', said)
        self.assertEqual(('running', 'creating', 1), self.job(job))
        self.assertTrue(first.is_running)

    def test_a_killed_one_is_followed_at_once_and_its_job_closed(self):
        first = self.running('first', 600)
        job = self.hang(first)
        first.kill()
        self.running('second', 600)
        process.wait_until(lambda: self.job(job) == ('error', 'error', 2),
                           'the job is closed')

    def test_one_that_stopped_well_leaves_no_trace(self):
        first = self.running('first', 600)
        self.assertEqual(0, first.stop())
        self.assertIsNone(self.ask('SELECT * FROM conductors'))
        self.running('second', 600, state=self.folder / 'elsewhere')

    def test_elsewhere_a_living_one_is_noticed_by_its_heartbeat(self):
        first = self.running('first', LEASE)
        status, said = self.ended(self.standalone(
            'second', LEASE, state=self.folder / 'elsewhere').start())
        self.assertEqual(1, status, said)
        self.assertIn(f'at work already: process {first.pid} on', said)
        self.assertTrue(first.is_running)

    def test_a_frozen_one_is_replaced_from_elsewhere_and_then_ends(self):
        first = self.running('first', LEASE)
        job = self.hang(first)
        process.wait_until(lambda: self.freeze(first),
                           'it is frozen where it writes nothing')
        self.addCleanup(first.kill)
        status, said = self.ended(self.standalone('same', LEASE).start())
        self.assertEqual(1, status, said)
        second = self.running('second', LEASE,
                              state=self.folder / 'elsewhere')
        process.wait_until(lambda: self.job(job) == ('error', 'error', 2),
                           'the job is closed')
        first.go_on()
        status, said = self.ended(first)
        self.assertEqual(1, status, said)
        self.assertIn('Another process has taken the name of conductor one',
                      said)
        self.assertEqual(('error', 'error', 2), self.job(job))
        self.assertTrue(second.is_running)
        self.assertEqual(second.pid, self.ask('SELECT pid FROM conductors')[0])


if __name__ == '__main__':
    unittest.main()
