# SPDX-License-Identifier: Apache-2.0
"""--wait: through success, failure, silence and restarts of the service."""
import io
import os
import pty
import re
import signal
import subprocess
import time
import uuid

from keystoneauth1 import http_basic
from keystoneauth1 import session as ksa_session
from osc_lib import exceptions
import sqlalchemy as sa

from baas.db import jobs
from baas.db import session
from baas.tests import fixtures as service
from baasclient import http
from baasclient.tests import base
from baasclient.tests import conductor
from baasclient.tests import terminal
from baasclient import wait

CREATE = ('overcloud', 'backup', 'create', '--wait')
READING = {'state': 'running', 'task': 'reading files', 'percent': 42,
           'bytes_done': 310 * 2 ** 20, 'bytes_total': 2 ** 30}


def until(condition):
    """Wait until something is true."""
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError('it did not become true')
        time.sleep(0.05)


class WaitTest(base.ShellTestCase):
    def test_a_set_that_was_taken_is_listed(self):
        for options in ((), ('-f', 'json')):
            running = self.start(*CREATE, *options)
            conductor.Work(conductor.queued()).finish()
            ended = running.finish()
            self.assertEqual(0, ended.code, ended.err)
            if not options:
                self.assertEqual(3, ended.out.count('| available |'))
                self.assertIn('| 7.0 GiB |', ended.out)
            else:
                self.assertEqual(
                    [(node, 7 * 2 ** 30) for node in conductor.NODES],
                    [(each['Node'], each['Size']) for each in ended.json])

    def test_progress_is_a_line_a_step_where_nothing_is_redrawn(self):
        running = self.start(*CREATE)
        until(lambda: 'queued' in running.err)
        work = conductor.Work(conductor.queued())
        work.run('check', 'prepare', 'arm', 'snapshot')
        work.begin('capture')
        work.tell('capture', 42, controller_0=READING, controller_1=READING)
        until(lambda: 'controller-1' in running.err)
        work.tell('capture', 43, controller_0=READING)
        work.finish_step('capture')
        work.begin('verify')
        until(lambda: 'verify' in running.err)
        work.finish()
        lines = [line for line in running.finish().err.splitlines()
                 if re.match(r'\d\d:\d\d:\d\d  ', line)]
        lines = [line[10:] for line in lines]
        self.assertEqual('queued', lines[0])
        # It may have been seen before it told of its nodes.
        capture = [line for line in lines if 'capture' in line
                   and line != 'running  capture  0 %']
        self.assertEqual(
            ['running  capture  42 %  controller-0 42 % 310 MiB reading '
             'files, controller-1 42 % 310 MiB reading files'], capture)
        self.assertEqual('done', lines[-1])
        self.assertIn('Job %s: backup of the overcloud\n' % work.id,
                      running.err)

    def test_quiet_shows_no_progress(self):
        running = self.start('-q', *CREATE)
        work = conductor.Work(conductor.queued())
        work.run('check')
        work.finish()
        self.assertNotIn('running', running.finish().err)

    def test_a_failure_names_node_step_cause_and_hint(self):
        running = self.start(*CREATE, '-f', 'json')
        work = conductor.Work(conductor.queued())
        work.begin('capture')
        work.fail('capture', 'controller-1', 'No space left on storage.',
                  'Delete backups with DELETE /v1/backup or GET /v1/backup.')
        ended = running.finish()
        self.assertEqual(1, ended.code)
        self.assertEqual(['available', 'error', 'available'],
                         [each['Status'] for each in ended.json])
        self.assertEqual(
            ['Job %s failed on controller-1 in step capture: No space left '
             'on storage.' % work.id,
             'Delete backups with DELETE /v1/backup or openstack control '
             'plane backup list.',
             'Read its log with: openstack control plane backup job log '
             + work.id],
            ended.err.splitlines()[-3:])

    def test_a_cancelled_job_fails_the_command(self):
        running = self.start(*CREATE)
        work = conductor.Work(conductor.queued())
        work.begin('check')
        until(lambda: 'check' in running.err)
        self.openstack('backup', 'job', 'cancel', work.id)
        until(lambda: 'cancelling' in running.err)
        work.finish()
        ended = running.finish()
        self.assertEqual(1, ended.code)
        self.assertIn('Job %s was cancelled, and what it had begun is '
                      'undone.' % work.id, ended.err)

    def test_a_restart_of_the_service_is_no_failure(self):
        running = self.start(*CREATE)
        work = conductor.Work(conductor.queued())
        work.begin('check')
        until(lambda: 'check' in running.err)
        port = self.stop_service()
        until(lambda: 'does not answer' in running.err)
        self.start_service(port)
        until(lambda: 'The service answers again.' in running.err)
        work.finish()
        ended = running.finish()
        self.assertEqual(0, ended.code, ended.err)
        self.assertEqual(1, ended.err.count('does not answer'))

    def test_a_database_that_is_away_is_no_failure(self):
        running = self.start(*CREATE)
        work = conductor.Work(conductor.queued())
        until(lambda: 'running' in running.err)
        self.rename('jobs', 'jobs_away')
        until(lambda: 'Trying again' in running.err)
        self.rename('jobs_away', 'jobs')
        work.finish()
        ended = running.finish()
        self.assertEqual(0, ended.code, ended.err)
        self.assertIn('The service answers again.', ended.err)

    def rename(self, table, name):
        """Give a table another name: without it the service says 503."""
        with session.writer() as connection:
            connection.execute(sa.text(
                'ALTER TABLE %s RENAME TO %s' % (table, name)))

    def test_a_timeout_ends_the_waiting_and_not_the_job(self):
        running = self.start(*CREATE, '--timeout', '1')
        work = conductor.Work(conductor.queued())
        ended = running.finish()
        self.assertEqual(1, ended.code)
        self.assertIn('Job %s has not ended in time; it goes on.' % work.id,
                      ended.err)
        self.assertIn('openstack control plane backup job cancel ' + work.id,
                      ended.err)
        self.assertEqual('running', jobs.get(work.id).state)

    def test_a_job_that_no_conductor_takes_is_noticed(self):
        running = self.start(*CREATE, '--timeout', '40')
        ended = running.finish()
        self.assertEqual(1, ended.err.count(
            'No conductor has taken the job yet: check that baas-conductor '
            'runs.'))

    def test_an_interrupt_leaves_the_job_at_work(self):
        process = self.real(CREATE, stderr=subprocess.PIPE, text=True)
        work = conductor.Work(conductor.queued())
        self.assertIn('backup of the overcloud', process.stderr.readline())
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        self.assertEqual(130, process.returncode)
        self.assertEqual(
            ['Job %s goes on.' % work.id,
             'Watch it with:  openstack control plane backup job log --follow '
             + work.id,
             'Cancel it with: openstack control plane backup job cancel '
             + work.id],
            err.splitlines()[-3:])
        self.assertEqual('running', jobs.get(work.id).state)

    def test_a_terminal_is_redrawn_in_place(self):
        ours, theirs = pty.openpty()
        process = self.real(CREATE, stderr=theirs, stdout=subprocess.DEVNULL)
        os.close(theirs)
        screen = terminal.Terminal(ours)
        self.addCleanup(os.close, ours)
        work = conductor.Work(conductor.queued())
        work.begin('capture')
        work.tell('capture', 42, controller_0=READING,
                  controller_1={'state': 'done', 'bytes_done': 2 ** 30})
        screen.read_until('controller-1')
        self.assertRegex(screen.lines[0],
                         r'^Job \S{36}  \d+ %  step 5 of 7  \d:\d\d$')
        self.assertEqual(
            ['controller-0  capture   42 %   310 MiB  reading files',
             'controller-1  capture  100 %   1.0 GiB  done'],
            screen.lines[1:])
        work.finish_step('capture')
        work.begin('verify')
        screen.read_until('verify')
        self.assertIn('  step 6 of 7  ', screen.lines[0])
        self.assertEqual(3, len(screen.lines))
        work.finish()
        screen.read_until(' done  ')
        self.assertEqual(0, process.wait(30))


class WatchTest(base.ShellTestCase):
    """Waits that would take minutes, with less patience."""

    def setUp(self):
        super().setUp()
        self.openstack('overcloud', 'backup', 'create')
        self.work = conductor.Work(conductor.queued())
        self.stream = io.StringIO()
        self.client = http.Client(ksa_session.Session(
            http_basic.HTTPBasicAuth(self.url, service.USER,
                                     service.PASSWORD)))
        self.watch = self.watched(self.work.id)

    def watched(self, id):
        """Give a wait for a job."""
        return wait.Watch(self.client, {'id': id, 'kind': 'backup'},
                          self.stream)

    def test_a_service_that_stays_away_ends_the_waiting(self):
        self.watch.patience = 1
        self.stop_service()
        error = self.assertRaises(exceptions.CommandError, self.watch.run)
        self.assertIn('Job %s goes on, as far as is known.' % self.work.id,
                      str(error))

    def test_a_service_that_is_away_is_asked_no_longer_than_there_is_time(
            self):
        self.stop_service()
        error = self.assertRaises(exceptions.CommandError, self.watch.run, 1)
        self.assertIn('Job %s goes on, as far as is known.' % self.work.id,
                      str(error))
        seconds = re.search(r'Trying again for (-?\d+) s\.',
                            self.stream.getvalue())[1]
        self.assertLessEqual(int(seconds), 1)

    def test_a_job_that_is_not_there_is_not_waited_for(self):
        self.assertRaises(exceptions.NotFound,
                          self.watched(str(uuid.uuid4())).run)
        self.assertEqual('', self.stream.getvalue())

    def test_a_job_that_does_not_move_is_noticed_once(self):
        self.watch.quiet = {'running': 0.5}
        self.assertRaises(exceptions.CommandError, self.watch.run, 4)
        self.assertEqual(1, self.stream.getvalue().count('If the conductor '
                                                         'is gone'))
