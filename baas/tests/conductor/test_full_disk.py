# SPDX-License-Identifier: Apache-2.0
"""The disk of the service's own machine is full: a real one, of a megabyte.
"""
import contextlib
import itertools
import unittest

import fixtures as cleaning
from oslo_config import cfg
from oslo_db.sqlalchemy import enginefacade

from baas.conductor.failures import reasons
from baas.conductor import recovery
from baas.db import backups
from baas.db import jobs
from baas.db import migration
from baas.db import session
from baas.requests import submit
from baas.tests.conductor import base
from baas.tests.conductor.playbooks import act
from baas.tests.unit.storage import places

FULL = "A disk of the service's own machine is full: nothing can be written "


class SmallDiskTest(base.ConductorTest):
    """Has a state_path with little room."""
    room = '2m,nr_inodes=200'

    def setUp(self):
        super().setUp()
        self.small = self.service.folder / 'small'
        self.small.mkdir()
        self.enterContext(places.small(self.small, self.room))
        self.filler = self.small / 'filler'
        self.service.conf.config(group='payload',
                                 key_file=cfg.CONF.payload.key_file)
        self.service.conf.config(state_path=str(self.small))

    def take(self, filling=None):
        """Take a set; give its job.

        :param filling: step that fills the disk on its first node.
        """
        said = dict(base.GOOD.get(filling, {'*': {}}))
        said['controller-0'] = {**said['*'], 'fill': str(self.filler)}
        self.scenario({filling: said} if filling else {})
        return self.run_job(submit.backup('overcloud', stopall=False))

    def assert_told(self, job):
        self.assertEqual('error', job.state)
        self.assertIn(FULL, job.error_cause)
        self.assertIn(str(self.small), job.error_cause)
        self.assertEqual({'error'}, {
            row.status for row in backups.by_set(job.id)})


class FullDiskTest(SmallDiskTest):

    def test_a_disk_that_is_full_before_the_job(self):
        act.fill(self.filler)
        job = self.take()
        self.assert_told(job)
        self.assertIn('Make room there', job.error_hint)
        self.assertEqual([], self.steps_done())

    def test_a_disk_on_which_no_folder_can_be_made(self):
        with contextlib.suppress(OSError):
            for number in itertools.count():
                (self.small / str(number)).touch()
        with self.assertLogs(reasons.LOG.logger, 'ERROR') as logged:
            job = self.take()
        self.assert_told(job)
        self.assertIn('Make room there', job.error_hint)
        self.assertNotIn('was left by its worker', str(logged.output))

    def test_a_disk_that_fills_up_while_the_job_is_at_work(self):
        job = self.take('check')
        self.assert_told(job)
        self.assertEqual(('prepare', ['check']),
                         (job.error_step, self.steps_done()))
        # Nobody can be told to release the nodes either, but by hand.
        self.assertIn('release --job', job.error_hint)

    @base.with_ansible
    def test_a_disk_that_fills_up_under_ansible(self):
        self.assert_told(self.take('check'))


class FullDatabaseTest(SmallDiskTest):
    """The file of the database is on that disk, too."""

    def setUp(self):
        super().setUp()
        facade = cleaning.MonkeyPatch('baas.db.session._facade',
                                      enginefacade.transaction_context())
        facade.setUp()
        self.addCleanup(facade.cleanUp)
        self.service.conf.config(group='conductor', lease=6)
        self.service.conf.config(
            group='database', connection=f'sqlite:///{self.small}/db.sqlite')
        session.configure(cfg.CONF)
        migration.upgrade()
        self.addCleanup(lambda: session.engine().dispose())

    def test_the_job_is_closed_with_its_cause_once_there_is_room(self):
        with self.assertLogs(reasons.LOG.logger, 'ERROR') as logged:
            job = self.take('check')
        self.assertNotIn('was left by its worker', str(logged.output))
        self.assertIn(FULL, str(logged.output))
        self.assertIsNone(job.finished_at)
        self.filler.unlink()
        recovery.take_over(job)
        self.assert_told(jobs.get(job.id))


if __name__ == '__main__':
    unittest.main()
