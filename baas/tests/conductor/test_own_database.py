# SPDX-License-Identifier: Apache-2.0
"""A barrier in which the database of the service is quiesced with the
others."""
import contextlib
import sqlite3
import threading
import time

from baas.conductor import log_spool
from baas.conductor import supervisor
from baas.conductor import workdir
from baas.db import backups
from baas.db import events
from baas.db import jobs
from baas.db import steps
from baas.requests import submit
from baas.tests.conductor import base


class OwnDatabaseTest(base.ConductorTest):
    """The lease is 6 seconds; a conductor gives up 1.2 before its end."""

    def setUp(self):
        super().setUp()
        self.service.conf.config(group='quiesce', deadman_timeout=30,
                                 health_timeout=10)
        self.service.conf.config(group='conductor', lease=6)

    @contextlib.contextmanager
    def away(self):
        """Have a database in which nobody else can read or write."""
        with contextlib.closing(sqlite3.connect(
                self.service.folder / 'baas.sqlite', timeout=60,
                isolation_level=None)) as other:
            other.execute('PRAGMA journal_mode=DELETE')
            other.execute('BEGIN EXCLUSIVE')
            yield
            other.execute('ROLLBACK')

    def take(self, carries):
        """Take a set of the undercloud whose barrier keeps the database away
        for longer than the lease; give the row of the job."""
        self.scenario({
            'check': {'*': {'result': {'time': 0.0, 'carries': carries}}},
            'snapshot': {'*': {'sleep': 14, 'verb': 'wait_healthy'}}})
        job = submit.backup('undercloud', stopall=True)
        thread = threading.Thread(target=supervisor.run,
                                  args=(job.id, self.stopping))
        thread.start()
        self.wait_for('snapshot')
        with self.away():
            time.sleep(12)
        thread.join(600)
        self.assertFalse(thread.is_alive())
        return jobs.get(job.id)

    @base.with_ansible
    def test_the_job_goes_on_when_the_database_is_back(self):
        job = self.take(['database'])
        self.assertEqual(('done', 1), (job.state, job.epoch))
        self.assertEqual(['available'], [
            row.status for row in backups.by_set(job.id)])
        self.assertEqual({'done'}, {row.state for row in steps.by_job(job.id)})
        said = [row.message for row in events.page(job.id, limit=100)]
        self.assertIn('The node hosts what this service needs (database): '
                      'it may not answer while services are quiesced.', said)
        self.assertEqual('The job is done.', said[-1])

    def test_a_database_that_goes_by_itself_costs_the_claim(self):
        job = self.take([])
        self.assertEqual('running', job.state)
        self.assertNotIn('capture', self.steps_done())

    def test_lines_wait_in_a_file_and_outlive_their_conductor(self):
        job = submit.backup('undercloud', stopall=True)
        place = workdir.Workdir(job.id).path / 'log'
        with self.away():
            for word in ('one', 'two'):
                log_spool.Spool(job.id, place).add(word, step='snapshot',
                                                   node='undercloud-0')
        self.assertEqual([], events.page(job.id, limit=10))
        time.sleep(1.1)
        log_spool.Spool(job.id, place).add('three')
        rows = events.page(job.id, limit=10)
        self.assertEqual(['one', 'two', 'three'],
                         [row.message for row in rows])
        self.assertEqual(('snapshot', 'undercloud-0'),
                         (rows[0].step, rows[0].node))
        self.assertGreaterEqual(
            (rows[2].created_at - rows[1].created_at).total_seconds(), 1)
        self.assertFalse(place.exists())
