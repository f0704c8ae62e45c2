# SPDX-License-Identifier: Apache-2.0
"""Jobs from submission to end, with a real database; what the nodes do is told
by a scenario, and what ends a step in its middle has real Ansible to end."""
import json
import pathlib
import shutil
import threading
import time
import unittest

from oslo_config import cfg

from baas.conductor import supervisor
from baas.conductor import workdir
from baas.db import backups
from baas.db import events
from baas.db import jobs
from baas.db import steps
from baas.jobs import plans
from baas.node.system import clock
from baas.node.system import host_id
from baas.requests import submit
from baas.tests.conductor import base


class TestBackup(base.ConductorTest):

    @base.with_ansible
    def test_a_set_becomes_available_step_by_step(self):
        job = self.run_job(submit.backup('overcloud', stopall=False))
        self.assertEqual(('done', None), (job.state, job.error_cause))
        self.assertEqual([step.name for step in plans.build('backup')],
                         self.steps_done())
        self.assertEqual({('done', 100)}, {
            (row.state, row.percent) for row in steps.by_job(job.id)})
        rows = backups.by_set(job.id)
        self.assertEqual(['controller-0', 'controller-1', 'controller-2'],
                         [row.node for row in rows])
        for row in rows:
            self.assertEqual(('available', 'ab12', 1000, 10, 7), (
                row.status, row.snapshot, row.size_bytes, row.stored_bytes,
                row.files))
            self.assertIsNotNone(row.verified_at)

    @unittest.skipUnless(host_id.machine_id(), 'no /etc/machine-id')
    def test_a_node_that_is_the_machine_of_the_service_is_refused(self):
        self.scenario({'check': {
            'controller-1': {'result': {
                'time': 0.0, 'machine_id': host_id.machine_id(),
                'boot_id': clock.boot_id()}},
            '*': {'result': {'time': 0.0}}}})
        job = self.run_job(submit.backup('overcloud', stopall=False))
        self.assertEqual(
            ('error', 'controller-1', 'check', 'controller-1 is the machine '
             'that the service itself runs on.'),
            (job.state, job.error_node, job.error_step, job.error_cause))
        self.assertEqual(['check'], self.steps_done())

    def test_the_moment_is_planned_for_each_node_by_what_was_asked(self):
        for stopall, quiesces in ((False, [False] * 3), (True, [True] * 3)):
            with self.subTest(stopall=stopall):
                job = self.run_job(submit.backup('overcloud',
                                                 stopall=stopall))
                plan = json.loads((workdir.root() / job.id / 'barrier.json')
                                  .read_text())
                self.assertEqual((job.id, job.epoch, None), (
                    plan['job'], plan['epoch'], plan['max_outage']))
                self.assertEqual(quiesces,
                                 [told['quiesce'] is not None for told
                                  in plan['nodes'].values()])

    def test_what_a_dead_job_has_left_on_a_node_is_named_to_it(self):
        self.scenario({'check': {'*': {'result': {
            'time': 0.0, 'leftover': {'job': 'dead', 'epoch': 3,
                                      'undos': ['x']}}}}})
        job = self.run_job(submit.backup('undercloud', stopall=False))
        path = workdir.root() / job.id / 'prepare-1' / 'env' / 'extravars'
        self.assertEqual(
            {'undercloud-0': {'job': 'dead', 'epoch': 3}},
            json.loads(path.read_text())['baas_leftovers'])

    def test_secrets_are_there_from_prepare_on_and_wiped_at_the_end(self):
        job = self.run_job(submit.backup('undercloud', stopall=False))
        there = {entry['step']: entry['secrets'] for entry in self.done()}
        self.assertFalse(there['check'])
        self.assertTrue(there['prepare'])
        self.assertFalse((workdir.root() / job.id / 'secrets').exists())

    def test_a_failed_check_begins_nothing_and_undoes_nothing(self):
        self.scenario({'check': {'controller-1': {'fail': 'No quorum.'}}})
        job = self.run_job(submit.backup('overcloud', stopall=False))
        self.assertEqual(
            ('error', 'controller-1', 'check', 'No quorum.', 'Do better.'),
            (job.state, job.error_node, job.error_step, job.error_cause,
             job.error_hint))
        self.assertEqual(['check'], self.steps_done())
        self.assertEqual({'error'}, {
            row.status for row in backups.by_set(job.id)})

    def test_without_its_key_no_node_is_asked_for_anything(self):
        key = pathlib.Path(cfg.CONF.payload.key_file)
        key.unlink()
        job = self.run_job(submit.backup('overcloud', stopall=False))
        self.assertEqual(('error', 'check'), (job.state, job.error_step))
        self.assertEqual(f'There is no key file {key}.', job.error_cause)
        self.assertIn('Put the copy of the master key', job.error_hint)
        self.assertEqual([], self.done())
        self.assertFalse(key.exists())

    def test_a_failed_moment_skips_the_capture_and_releases_every_node(self):
        self.scenario({'snapshot': {'controller-2': {'fail': 'Too slow.'}}})
        job = self.run_job(submit.backup('overcloud', stopall=False))
        self.assertEqual(('error', 'snapshot'), (job.state, job.error_step))
        self.assertEqual(
            {'controller-0', 'controller-1', 'controller-2'},
            {entry['node'] for entry in self.done()
             if entry['step'] == 'release'})
        self.assertEqual({'capture': 'skipped', 'verify': 'skipped'}, {
            row.name: row.state for row in steps.by_job(job.id)
            if row.state == 'skipped'})

    def test_when_one_capture_fails_the_others_stay_usable(self):
        self.scenario({'capture': {'*': {'result': base.CAPTURED},
                                   'controller-1': {'fail': 'Disk full.'}}})
        job = self.run_job(submit.backup('overcloud', stopall=False))
        self.assertEqual(('error', 'controller-1', 'capture', 'Disk full.'),
                         (job.state, job.error_node, job.error_step,
                          job.error_cause))
        last = events.page(job.id, limit=100)[-1]
        self.assertEqual(
            ('The job failed: Disk full.', 'error', 'capture', 'controller-1'),
            (last.message, last.level, last.step, last.node))
        status = {row.node: (row.status, row.error)
                  for row in backups.by_set(job.id)}
        self.assertEqual({'controller-0': ('available', None),
                          'controller-1': ('error', 'Disk full.'),
                          'controller-2': ('available', None)}, status)
        self.assertNotIn('controller-1', {
            entry['node'] for entry in self.done()
            if entry['step'] == 'verify'})

    def test_a_backup_that_was_not_read_back_is_not_available(self):
        self.scenario({'verify': {
            '*': {'result': {'manifest_sha256': 'ff'}},
            'controller-0': {'fail': 'Pack 17 is damaged.'}}})
        job = self.run_job(submit.backup('overcloud', stopall=False))
        self.assertEqual(
            {'controller-0': 'error', 'controller-1': 'available',
             'controller-2': 'available'},
            {row.node: row.status for row in backups.by_set(job.id)})
        self.assertEqual('verify', job.error_step)

    def test_a_failed_release_is_told_and_keeps_the_good_backups(self):
        self.scenario({'release': {'*': {'fail': 'Snapshot is busy.'}}})
        job = self.run_job(submit.backup('undercloud', stopall=False))
        self.assertEqual(('error', 'release'), (job.state, job.error_step))
        self.assertEqual('available', backups.by_set(job.id)[0].status)

    def test_what_a_release_could_not_remove_goes_with_the_next(self):
        self.scenario({'verify': {'*': {'fail': 'The storage is gone.'}},
                       'release': {'*': {'fail': 'The storage is gone.'}}})
        failed = self.run_job(submit.backup('undercloud', stopall=False))
        self.scenario({})
        removed = []
        for _ in range(2):
            job = self.run_job(submit.backup('undercloud', stopall=False))
            self.assertEqual('done', job.state)
            removed += [json.loads(path.read_text())['backup'] for path in
                        (workdir.root() / job.id).glob('release-*.json')]
        self.assertEqual([row.id for row in backups.by_set(failed.id)],
                         removed)

    def test_a_step_that_takes_too_long_is_ended_and_undone(self):
        self.service.conf.config(group='runner',
                                 time_limits={'backup/prepare': '0.05'})
        self.scenario({'prepare': {'*': {'sleep': 600}}})
        began = time.monotonic()
        job = self.run_job(submit.backup('undercloud', stopall=False))
        self.assertLess(time.monotonic() - began, 40)
        self.assertEqual(('error', 'prepare'), (job.state, job.error_step))
        self.assertIn('took longer', job.error_cause)
        self.assertEqual(['check', 'prepare', 'release'], self.steps_done())

    def test_the_log_tells_steps_and_failures(self):
        self.scenario({'arm': {'*': {'fail': 'No systemd here.'}}})
        job = self.run_job(submit.backup('undercloud', stopall=False))
        lines = [(row.level, row.step, row.node, row.message)
                 for row in events.page(job.id, limit=100)]
        self.assertIn(('info', 'check', None, 'Step check begins.'), lines)
        self.assertIn(('error', 'arm', 'undercloud-0', 'No systemd here.'),
                      lines)

    def test_a_missing_storage_folder_is_found_by_the_check(self):
        shutil.rmtree(self.service.folder / 'storage')
        job = self.run_job(submit.backup('undercloud', stopall=False))
        self.assertEqual(('error', 'check'), (job.state, job.error_step))
        self.assertIn('storage', job.error_cause)
        self.assertEqual([], self.done())


class TestCancel(base.ConductorTest):

    def cancel_during(self, step):
        self.scenario({step: {'*': {'sleep': 600}}})
        job = submit.backup('undercloud', stopall=False)
        thread = threading.Thread(target=supervisor.run,
                                  args=(job.id, self.stopping))
        thread.start()
        self.wait_for(step)
        self.assertEqual('cancelling', submit.cancel(job.id).state)
        # The step would sleep for ten minutes.
        thread.join(300)
        self.assertFalse(thread.is_alive())
        return jobs.get(job.id)

    @base.with_ansible
    def test_a_cancel_ends_the_step_at_work_and_undoes(self):
        job = self.cancel_during('capture')
        self.assertEqual(('cancelled', None), (job.state, job.error_cause))
        self.assertEqual('release', self.steps_done()[-1])
        self.assertNotIn('verify', self.steps_done())
        self.assertEqual('cancelled', {
            step.name: step.state for step in steps.by_job(job.id)}['capture'])
        row = backups.by_set(job.id)[0]
        self.assertEqual(('error', 'The job was cancelled.'),
                         (row.status, row.error))

    def test_a_cancel_during_the_check_undoes_nothing(self):
        self.assertEqual('cancelled', self.cancel_during('check').state)
        self.assertEqual(['check'], self.steps_done())

    def test_a_queued_job_is_cancelled_at_once(self):
        job = submit.backup('undercloud', stopall=False)
        self.assertEqual('cancelled', submit.cancel(job.id).state)
        self.assertEqual('error', backups.by_set(job.id)[0].status)
        self.run_job(job)
        self.assertEqual([], self.done())
