# SPDX-License-Identifier: Apache-2.0
"""What a restore could not put back is taken up by a job of its own."""
import json

from oslo_config import cfg

from baas.conductor import boot_cleanup
from baas.conductor import workdir
from baas.db import boot_undos
from baas.db import jobs
from baas.requests import submit
from baas.tests.conductor import base
from baas.tests import fixtures


class BootUndosTest(base.ConductorTest):

    def setUp(self):
        super().setUp()
        self.service.conf.config(group='boot', cleanup_interval=0.02)
        self.restore = fixtures.add_job(kind='restore', node='controller-1')
        boot_undos.save(self.restore, 'controller-1', 'pxe', {'entries': {}},
                        (self.restore, 1))

    def active(self):
        """Give the jobs that are not at their end."""
        return [job for job in jobs.page() if not job.finished_at]

    def collected(self):
        """Collect what is due as soon as it is."""
        for _ in range(100):
            boot_cleanup.collect(cfg.CONF)
            if self.active():
                return self.active()
            self.stopping.wait(0.1)
        self.fail('nothing is due')

    def test_one_that_is_due_becomes_one_job_that_does_it(self):
        job, = self.collected()
        self.assertEqual(('boot-cleanup', 'controller-1', 'overcloud'),
                         (job.kind, job.node, job.target))
        self.assertEqual([job], self.collected())
        self.assertEqual('done', self.run_job(job).state)
        path = workdir.root() / job.id / 'boot-boot_cleanup-controller-1.json'
        told = json.loads(path.read_text())
        self.assertEqual(
            {'job': job.id, 'epoch': 1, 'restore': self.restore,
             'method': 'pxe', 'node': 'controller-1'},
            {name: told[name] for name in ('job', 'epoch', 'restore',
                                           'method', 'node')})

    def test_one_of_a_target_at_work_waits(self):
        job = submit.backup('overcloud', stopall=False)
        self.stopping.wait(1.5)
        boot_cleanup.collect(cfg.CONF)
        self.assertEqual([job.id], [one.id for one in self.active()])

    def test_what_was_just_tried_or_is_done_is_left_alone(self):
        self.service.conf.config(group='boot', cleanup_interval=600)
        boot_cleanup.collect(cfg.CONF)
        self.assertEqual([], self.active())
        self.service.conf.config(group='boot', cleanup_interval=0)
        boot_undos.finish(self.restore, 'controller-1', (self.restore, 1))
        self.stopping.wait(1.2)
        boot_cleanup.collect(cfg.CONF)
        self.assertEqual([], self.active())
