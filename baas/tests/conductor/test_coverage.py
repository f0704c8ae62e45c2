# SPDX-License-Identifier: Apache-2.0
"""What a set does not hold, from the nodes to log, database and manifest."""
import json

from baas.conductor import workdir
from baas.db import backups
from baas.db.coverage import coverages
from baas.db import events
from baas.jobs.coverage import gaps
from baas.requests import submit
from baas.tests.conductor import base

LOOKED = ['device', 'filesystem', 'path', 'secret', 'unanswered']
SHARE = {'kind': 'filesystem', 'what': '/srv/far', 'reason': 'network',
         'text': 'It is on another machine.', 'harmless': False,
         'fstype': 'nfs4', 'used_bytes': 7}
KERNEL = {**SHARE, 'what': '/proc', 'harmless': True, 'fstype': None}


def checked(*found, looked=LOOKED):
    """Give what a check has found, with gaps."""
    return {'result': {'time': 0.0, 'coverage': {
        'gaps': list(found), 'looked': looked}}}


class CoverageTest(base.ConductorTest):

    def take(self, *found, target='undercloud', check_only=False, **scenario):
        """Take a set of nodes with gaps; give its job."""
        self.scenario({'check': {'*': checked(*found)}, **scenario})
        return self.run_job(submit.backup(target, stopall=False,
                                          check_only=check_only))

    def warned(self, job):
        return [(row.node, row.message)
                for row in events.page(job.id, limit=500)
                if row.level == 'warning']

    def keys(self, job, name='gaps', kinds=('filesystem', 'node')):
        return [gaps.key(one) for one in coverages.get(job.id)[name]
                if one['kind'] in kinds]

    def test_the_first_set_is_told_all_in_one_warning(self):
        job = self.take(SHARE, KERNEL, target='overcloud')
        self.assertEqual('done', job.state)
        self.assertEqual([(None, (
            'Not in this backup, and looked for for the first time: '
            '1 secret, 2 machines, 3 file systems.'))], self.warned(job))
        self.assertEqual(
            [(f'controller-{number}', 'filesystem', what)
             for what in ('/srv/far', '/proc') for number in range(3)],
            self.keys(job))

    def test_a_new_gap_warns_once_and_fails_nothing(self):
        first = self.take(KERNEL)
        with self.assertLogs('baas.conductor.backup.coverage',
                             'WARNING') as logged:
            second = self.take(SHARE, KERNEL)
        sentence = ('New, and not in this backup: file system /srv/far of '
                    'undercloud-0. It is on another machine.')
        self.assertEqual([('undercloud-0', sentence)], self.warned(second))
        self.assertIn(sentence, ''.join(logged.output))
        self.assertEqual(('done', first.id), (
            second.state, coverages.get(second.id)['previous_set_id']))
        third = self.take({**SHARE, 'used_bytes': 8}, KERNEL)
        self.assertEqual([], self.warned(third))
        self.assertEqual([], coverages.get(third.id)['new'])

    def test_a_gap_that_is_closed_is_told_and_warns_of_nothing(self):
        self.take(SHARE)
        job = self.take()
        self.assertEqual([('undercloud-0', 'filesystem', '/srv/far')],
                         self.keys(job, 'closed'))
        self.assertEqual([], self.warned(job))
        self.assertTrue([row for row in events.page(job.id, limit=500)
                         if row.message.startswith('Closed since set ')
                         and '/srv/far' in row.message])
        again = self.take(SHARE)
        self.assertEqual(1, len(self.warned(again)))

    def test_a_check_alone_tells_and_warns_and_is_no_set_before(self):
        self.take()
        for _ in range(2):
            job = self.take(SHARE, check_only=True)
            self.assertEqual(('check', 'done'), (job.kind, job.state))
            self.assertEqual([('undercloud-0', 'filesystem', '/srv/far')],
                             self.keys(job, 'new'))
            self.assertEqual(1, len(self.warned(job)))

    def test_a_set_that_failed_is_no_set_before(self):
        first = self.take()
        self.take(SHARE, snapshot={'*': {'fail': 'No room.'}})
        job = self.take(SHARE)
        self.assertEqual(first.id,
                         coverages.get(job.id)['previous_set_id'])
        self.assertEqual(1, len(self.warned(job)))

    def test_a_node_that_cannot_be_checked_is_a_gap_with_its_cause(self):
        self.take(target='overcloud')
        self.scenario({'check': {'*': checked(SHARE),
                                 'controller-1': {'fail': 'No answer.'}}})
        job = self.run_job(submit.backup('overcloud', stopall=False,
                                         check_only=True))
        self.assertEqual('error', job.state)
        found = coverages.get(job.id)
        self.assertEqual([
            'There is no backup of it in this set: No answer.'],
            [one['text'] for one in found['gaps'] if one['kind'] == 'node'])
        self.assertEqual({'controller-0', 'controller-2'}, {
            one['node'] for one in found['gaps']
            if one['kind'] == 'filesystem'})

    def manifests(self, job):
        """Give what the manifests are told, by node."""
        return {json.loads(path.read_text())['node']:
                json.loads(path.read_text())['manifest']['coverage']
                for path in (workdir.root() / job.id).glob('verify-*.json')}

    def test_manifests_of_the_others_name_a_node_that_failed(self):
        first = self.take(target='overcloud')
        job = self.take(SHARE, target='overcloud', capture={
            '*': {'result': base.CAPTURED},
            'controller-1': {'fail': 'Disk full.'}})
        self.assertIn(('controller-1', 'New, and not in this backup: node '
                       'controller-1. There is no backup of it in this set: '
                       'Disk full.'), self.warned(job))
        told = self.manifests(job)
        self.assertEqual({'controller-0', 'controller-2'}, set(told))
        self.assertEqual(first.id, told['controller-0']['previous_set'])
        known = {gaps.key(one) for one in told['controller-0']['gaps']}
        self.assertLessEqual(
            {('controller-0', 'filesystem', '/srv/far'),
             ('controller-1', 'node', 'controller-1'),
             (None, 'secret', 'master key')}, known)
        self.assertNotIn(('controller-2', 'filesystem', '/srv/far'), known)

    def test_a_warning_is_written_once_however_often_it_is_looked(self):
        self.take(target='overcloud')
        job = self.take(SHARE, target='overcloud', capture={
            '*': {'result': base.CAPTURED},
            'controller-1': {'fail': 'Disk full.'}})
        messages = self.warned(job)
        self.assertEqual(len(set(messages)), len(messages))
        self.assertEqual(4, len(messages))

    def test_machines_that_nobody_backs_up_are_gaps_of_the_set(self):
        job = self.take()
        found = {one['what']: one['reason']
                 for one in coverages.get(job.id)['gaps']
                 if one['kind'] == 'machine'}
        self.assertEqual(
            {'the machine of this service': 'service',
             **{f'controller-{number}': 'never' for number in range(3)}},
            found)
        self.take(target='overcloud')
        job = self.take()
        self.assertEqual({f'controller-{number}' for number in range(3)}, {
            one['what'] for one in coverages.get(job.id)['closed']})

    def test_what_makes_no_sense_is_left_out_and_fails_nothing(self):
        self.scenario({'check': {'*': {'result': {
            'time': 0.0, 'coverage': {'gaps': [7, SHARE], 'looked': 3}}}}})
        job = self.run_job(submit.backup('undercloud', stopall=False))
        self.assertEqual('done', job.state)
        self.assertEqual([], self.keys(job))
        self.assertEqual('available', backups.by_set(job.id)[0].status)
