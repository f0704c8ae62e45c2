# SPDX-License-Identifier: Apache-2.0
"""Jobs whose conductor is gone, or has lost its lease."""
import pathlib
import threading

from oslo_config import cfg
import sqlalchemy as sa

from baas.conductor import recovery
from baas.conductor import supervisor
from baas.db import backups
from baas.db import jobs
from baas.db import models
from baas.db import session
from baas.db import steps
from baas.requests import submit
from baas.tests.conductor import base


def leave_behind(job, step):
    """Claim a job and die in the middle of a step."""
    jobs.claim(job.id, 'dead', 60)
    for row in steps.by_job(job.id):
        steps.move(row.id, 'start')
        if row.name == step:
            break
        steps.move(row.id, 'finish')
    with session.writer() as connection:
        connection.execute(
            sa.update(models.Job.__table__)
            .where(models.Job.__table__.c.id == job.id)
            .values(lease_until=session.utcnow(-1)))
    return job


class TestTakeOver(base.ConductorTest):

    def leave_behind(self, step, target='undercloud'):
        """Claim a backup and die in the middle of a step."""
        return leave_behind(submit.backup(target, stopall=False), step)

    def test_a_lost_job_is_undone_and_closed_with_its_cause(self):
        job = self.leave_behind('snapshot')
        recovery.take_over(jobs.get(job.id))
        row = jobs.get(job.id)
        self.assertEqual(('error', 'snapshot', 2),
                         (row.state, row.error_step, row.epoch))
        self.assertIn('conductor', row.error_cause)
        self.assertEqual(['release'], self.steps_done())
        self.assertEqual(2, self.done()[0]['epoch'])
        self.assertEqual('error', backups.by_set(job.id)[0].status)

    def test_a_lost_job_is_undone_by_who_has_no_key(self):
        job = self.leave_behind('snapshot')
        pathlib.Path(cfg.CONF.payload.key_file).unlink()
        recovery.take_over(jobs.get(job.id))
        self.assertEqual('error', jobs.get(job.id).state)
        self.assertEqual(['release'], self.steps_done())

    def test_a_job_lost_in_the_check_owes_nothing(self):
        job = self.leave_behind('check')
        recovery.take_over(jobs.get(job.id))
        self.assertEqual([], self.done())
        self.assertEqual('error', jobs.get(job.id).state)

    def test_a_job_lost_in_its_release_is_released_again(self):
        job = self.leave_behind('release')
        recovery.take_over(jobs.get(job.id))
        self.assertEqual(['release'], self.steps_done())

    def test_what_turns_out_to_be_whole_becomes_available(self):
        job = self.leave_behind('verify', 'overcloud')
        whole = {'snapshot': 'ab12', 'manifest_sha256': 'ff', 'files': 7,
                 'size_bytes': 1000, 'stored_bytes': 10}
        ids = {row.node: row.id for row in backups.by_set(job.id)}
        self.scenario({'release': {node: {'verb': 'remove', 'result': {
            'backup': id, 'whole': whole}} for node, id in (
                ('controller-1', ids['controller-1']),
                # Another one that was left to be removed.
                ('controller-2', ids['controller-0']))}})
        recovery.take_over(jobs.get(job.id))
        self.assertEqual('error', jobs.get(job.id).state)
        self.assertEqual(
            {'controller-0': ('error', None),
             'controller-1': ('available', 'ab12'),
             'controller-2': ('error', None)},
            {row.node: (row.status, row.snapshot)
             for row in backups.by_set(job.id)})

    def test_a_job_lost_while_cancelling_ends_and_is_undone(self):
        job = self.leave_behind('capture')
        jobs.move(job.id, 'cancel')
        recovery.take_over(jobs.get(job.id))
        self.assertEqual('error', jobs.get(job.id).state)
        self.assertEqual(['release'], self.steps_done())

    @base.with_ansible
    def test_who_lost_the_claim_stops_and_closes_nothing(self):
        self.service.conf.config(group='conductor', lease=6)
        self.scenario({'capture': {'*': {'sleep': 600}}})
        job = submit.backup('undercloud', stopall=False)
        thread = threading.Thread(target=supervisor.run,
                                  args=(job.id, self.stopping))
        thread.start()
        self.wait_for('capture')
        taken = jobs.take_over(job.id, 1, 'other', 600)
        thread.join(300)
        self.assertFalse(thread.is_alive())
        row = jobs.get(job.id)
        self.assertEqual(('running', 'other', taken.epoch),
                         (row.state, row.owner, row.epoch))
        self.assertNotIn('release', self.steps_done())
