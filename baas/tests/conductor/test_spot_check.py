# SPDX-License-Identifier: Apache-2.0
"""Spot checks: what is beyond the tolerance."""
import json
import os

from baas.conductor import workdir
from baas import errors
from baas.requests import submit
from baas.requests import verifications
from baas.tests.conductor import base
from baas.tests import fixtures

NODE = 'controller-0'
GOOD = {'compared': 1000, 'same': 990, 'changed': 0, 'missing': 0,
        'changed_since': 8, 'missing_since': 2, 'files_now': 100500,
        'read_bytes': 5, 'examples': []}


class SpotCheckTest(base.ConductorTest):

    def setUp(self):
        super().setUp()
        self.one = fixtures.add_backup(node=NODE)

    def check(self, files=100000, differing=(), **found):
        """Check; give the row of the job."""
        self.scenario({
            'sample': {NODE: {'result': {'files': files, 'chosen': 9,
                                         'differing': list(differing)}}},
            'compare': {NODE: {'verb': 'spot_check',
                               'result': {**GOOD, **found}}}})
        self.job = verifications.spot_check(self.one, 0.01)
        return self.run_job(self.job)

    def test_a_node_that_is_what_was_stored_is_well(self):
        job = self.check()
        self.assertEqual(('done', None), (job.state, job.error_cause))
        self.assertEqual({NODE: {**GOOD, 'files': 100000}}, job.result)
        self.assertEqual(['sample', 'compare', 'release'], self.steps_done())

    def test_what_nobody_touched_and_is_different_fails_it(self):
        job = self.check(changed=2, examples=[
            '/etc/hosts: its content differs.', '/srv/a: it is missing.'])
        self.assertEqual(('error', NODE, 'compare'),
                         (job.state, job.error_node, job.error_step))
        self.assertIn('2 of 1000 files differ', job.error_cause)
        self.assertIn('/etc/hosts: its content differs', job.error_cause)
        self.assertEqual(2, job.result[NODE]['changed'])

    def test_a_little_is_tolerated_and_more_if_it_is_configured(self):
        self.assertEqual('done', self.check(changed=1).state)
        self.assertEqual('error', self.check(missing=2).state)
        self.service.conf.config(group='verification', tolerance=0.2)
        self.assertEqual('done', self.check(missing=2).state)

    def test_a_number_of_files_that_is_far_away_fails_it(self):
        self.assertIn('it has 50 files now, and the backup has 100000',
                      self.check(files_now=50).error_cause)
        self.assertEqual('done', self.check(files_now=80000).state)
        self.service.conf.config(group='verification', count_tolerance=1)
        self.assertEqual('error', self.check(files_now=98000).state)

    def test_nothing_is_no_proof(self):
        self.assertIn('no file that could be compared',
                      self.check(compared=0, same=0).error_cause)

    def test_what_is_not_stored_as_it_was_read_fails_it_at_once(self):
        job = self.check(differing=['/etc/hosts: what is stored is not it'])
        self.assertEqual(('error', 'sample'), (job.state, job.error_step))
        self.assertIn('/etc/hosts', job.error_cause)
        self.assertEqual(['sample'], self.steps_done())

    def test_the_node_is_told_when_the_backup_was(self):
        self.check()
        path = workdir.root() / self.job.id / 'compare-1/env/extravars'
        told = json.loads(path.read_text())['baas_options'][NODE][
            'spot_check']
        # The first of January, and what clocks may be apart.
        self.assertEqual(1767225600 - 300, told['moment'])
        self.assertIn(self.job.id, told['sample'])

    def test_the_names_of_files_do_not_stay_on_the_conductor(self):
        self.check()
        self.assertFalse(os.path.exists(
            workdir.root() / self.job.id / 'secrets'))

    def test_a_backup_is_not_taken_meanwhile(self):
        verifications.spot_check(self.one)
        with self.assertRaises(errors.TargetBusy):
            submit.backup('overcloud', stopall=False)

    def test_a_share_is_that_of_the_configuration_unless_it_is_given(self):
        self.service.conf.config(group='verification',
                                 spot_check_share='1/50')
        job = verifications.spot_check(self.one)
        self.assertEqual({'share': 0.02}, job.options)
