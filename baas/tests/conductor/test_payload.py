# SPDX-License-Identifier: Apache-2.0
"""What the nodes are told about each kind of payload."""
import json

from baas.conductor import workdir
from baas.db import backups
from baas.requests import submit
from baas.tests.conductor import base

STORED = {name: {'name': f'undercloud-0/tar/b/{name}', 'size': 5,
                 'sha256': '00'} for name in ('archive', 'list')}


class TestArchives(base.ConductorTest):

    def setUp(self):
        super().setUp()
        self.service.conf.config(group='payload', kind='tar')
        captured = {**base.CAPTURED, **STORED, 'kind': 'tar'}
        del captured['snapshot'], captured['files_snapshot']
        self.story = {'capture': {'*': {'result': captured}}}
        self.scenario(self.story)

    def asked(self, job, step):
        path = workdir.root() / job.id / f'{step}-1' / 'env' / 'extravars'
        return json.loads(path.read_text())['baas_options']['undercloud-0']

    def test_a_node_is_told_where_to_and_for_whom_and_gets_no_secret(self):
        job = self.run_job(submit.backup('undercloud', stopall=False))
        self.assertEqual(('done', None), (job.state, job.error_cause))
        [row] = backups.by_set(job.id)
        self.assertEqual(('available', 'tar', None),
                         (row.status, row.payload, row.snapshot))
        for step in ('prepare', 'capture', 'release'):
            told = self.asked(job, step)[step]
            self.assertEqual('tar', told['payload'])
            self.assertEqual('undercloud-0/tar', told['folder'])
            self.assertEqual('folder', told['store']['kind'])
            self.assertTrue(told['recipient'].startswith('age1'))
        self.assertEqual({False}, {entry['secrets'] for entry in self.done()})
        tools = workdir.root() / job.id / 'program' / 'bin'
        self.assertEqual(['age'], [path.name for path in tools.iterdir()])

    def test_an_archive_is_nobodys_parent(self):
        self.run_job(submit.backup('undercloud', stopall=False))
        self.assertIsNone(backups.parent('undercloud-0'))

    def test_what_a_failed_one_has_left_is_removed_as_what_it_is(self):
        self.scenario({**self.story, 'verify': {'*': {'fail': 'No.'}}})
        job = self.run_job(submit.backup('undercloud', stopall=False))
        path = workdir.root() / job.id / 'release-undercloud-0.json'
        self.assertEqual('tar', json.loads(path.read_text())['payload'])
