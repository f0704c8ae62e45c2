# SPDX-License-Identifier: Apache-2.0
"""The conductor as a server, what deletes, and how nodes are named."""
import time

from oslo_config import cfg

from baas.conductor import server
from baas.conductor import workdir
from baas.db import backups
from baas.db import jobs
from baas.requests import submit
from baas.runner import inventory
from baas.tests.conductor import base
from baas.tests import fixtures


class TestServer(base.ConductorTest):

    def start(self):
        conductor = server.Conductor(cfg.CONF, bus=False)
        conductor.start()
        self.addCleanup(conductor.stop)
        return conductor

    def test_a_queued_job_that_nobody_told_of_is_swept_up(self):
        job = submit.backup('undercloud', stopall=False)
        self.start()
        self.assertEqual('done', self.wait_for_end(job).state)

    def test_a_job_that_comes_twice_runs_once(self):
        conductor = self.start()
        job = submit.backup('undercloud', stopall=False)
        conductor.take(job.id)
        conductor.take(job.id)
        self.wait_for_end(job)
        names = [entry['step'] for entry in self.done()]
        self.assertEqual(len(set(names)), len(names))

    def test_what_a_conductor_of_this_name_left_is_closed_at_once(self):
        job = submit.backup('undercloud', stopall=False)
        jobs.claim(job.id, 'first', 3600)
        self.start()
        self.assertEqual('error', self.wait_for_end(job).state)

    @base.with_ansible
    def test_stopping_the_service_undoes_the_job_at_work(self):
        self.scenario({'capture': {'*': {'sleep': 60}}})
        conductor = self.start()
        job = submit.backup('undercloud', stopall=False)
        conductor.take(job.id)
        self.wait_for('capture')
        conductor.stop()
        row = jobs.get(job.id)
        self.assertEqual('error', row.state)
        self.assertIn('stopped', row.error_cause)
        self.assertEqual('release', self.steps_done()[-1])
        self.assertNotIn('verify', self.steps_done())
        self.assertEqual('error', backups.by_set(job.id)[0].status)

    def test_secrets_that_a_dead_job_left_are_wiped(self):
        left = workdir.Workdir('11111111-1111-4111-8111-111111111111')
        left.secret('node', 'password', b'x')
        self.start()
        until = time.monotonic() + 90
        while left.secrets.exists() and time.monotonic() < until:
            time.sleep(0.1)
        self.assertFalse(left.secrets.exists())


class TestDelete(base.ConductorTest):

    def test_a_deleted_backup_is_forgotten(self):
        id = fixtures.add_backup(node='controller-0')
        self.scenario({'delete': {'*': {'verb': 'remove'}}})
        self.assertEqual('done', self.run_job(submit.delete(id)).state)
        self.assertEqual([], backups.page())

    def test_a_backup_that_could_not_be_deleted_can_be_deleted_again(self):
        id = fixtures.add_backup(node='controller-0')
        self.scenario({'delete': {'*': {'fail': 'No connection.'}}})
        job = self.run_job(submit.delete(id))
        self.assertEqual(('error', 'No connection.'),
                         (job.state, job.error_cause))
        self.assertEqual('error', backups.get(id).status)
        self.scenario({'delete': {'*': {'verb': 'remove'}}})
        self.assertEqual('done', self.run_job(submit.delete(id)).state)

    def test_a_backup_that_nobody_removed_is_not_forgotten(self):
        # So it is with a node that the inventory has no more.
        id = fixtures.add_backup(node='controller-0')
        self.scenario({})
        job = self.run_job(submit.delete(id))
        self.assertEqual(
            ('error', 'What is stored of controller-0 was not removed.'),
            (job.state, job.error_cause))
        self.assertEqual('error', backups.get(id).status)


class TestInventory(base.ConductorTest):

    def test_a_node_is_found_by_each_of_its_names(self):
        node = inventory.node('controller-1')
        self.assertEqual(node, inventory.node(node.baremetal_uuid))
        self.assertEqual(node, inventory.node(node.baremetal_name))
