# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup job ..."""
import json
import time
import uuid

from baas.db import events
from baas.db import jobs
from baas.tests import fixtures as service
from baasclient.tests import base
from baasclient.tests import conductor


class JobTest(base.ShellTestCase):
    def at_work(self):
        """Ask for a set and begin to take it."""
        self.openstack('overcloud', 'backup', 'create')
        return conductor.Work(conductor.queued())

    def test_jobs_are_listed_with_how_far_they_are(self):
        work = self.at_work()
        work.begin('check')
        listed = self.openstack('backup', 'job', 'list')
        self.assertRegex(listed.out, r'running +\| check +\| 0 % ')
        listed = self.openstack('backup', 'job', 'list', '-f', 'json').json
        self.assertEqual((work.id, 'running', 0), (
            listed[0]['ID'], listed[0]['State'], listed[0]['Percent']))

    def test_jobs_are_filtered(self):
        one = {'kind': 'restore', 'target': 'undercloud', 'state': 'error',
               'node': 'undercloud-0'}
        id = service.add_job(**one)
        service.add_job()
        for option, value in one.items():
            listed = self.openstack('backup', 'job', 'list', '--' + option,
                                    value, '-f', 'value', '-c', 'ID')
            self.assertEqual([id], listed.out.split(), option)

    def test_a_job_is_shown_with_its_steps(self):
        work = self.at_work()
        work.run('check')
        work.begin('prepare')
        work.tell('prepare', 40)
        shown = self.openstack('backup', 'job', 'show', work.id)
        self.assertIn('| check     done ', shown.out)
        self.assertIn('| prepare   running 40 % ', shown.out)
        shown = self.openstack('backup', 'job', 'show', work.id, '-f',
                               'json').json
        self.assertEqual({'stopall': False}, shown['options'])
        self.assertEqual(['done', 'running', 'waiting'],
                         [step['state'] for step in shown['steps'][:3]])

    def test_a_job_of_a_broken_id_is_refused(self):
        for id in ('moon', '../backup', 'a b?c#d'):
            lines = self.refused('backup', 'job', 'show', id)
            self.assertIn('(HTTP 4', lines[-1])

    def test_a_queued_job_is_cancelled_at_once(self):
        self.openstack('overcloud', 'backup', 'create')
        id = conductor.queued()
        self.assertIn('| state  | cancelled ', self.openstack(
            'backup', 'job', 'cancel', id).out)
        lines = self.refused('backup', 'job', 'cancel', id)
        self.assertIn('has ended: it is cancelled', lines[0])

    def test_a_running_job_is_cancelled_when_it_is_undone(self):
        work = self.at_work()
        running = self.start('backup', 'job', 'cancel', work.id, '--wait',
                             '-f', 'json')
        while jobs.get(work.id).state != 'cancelling':
            time.sleep(0.05)
        work.run('release')
        work.finish()
        ended = running.finish()
        self.assertEqual(0, ended.code, ended.err)
        self.assertEqual('cancelled', ended.json['state'])

    def test_one_that_cannot_be_undone_fails_the_cancel(self):
        work = self.at_work()
        running = self.start('backup', 'job', 'cancel', work.id, '--wait')
        while jobs.get(work.id).state != 'cancelling':
            time.sleep(0.05)
        work.fail('release', None, 'A node is away.', 'Look at it.')
        ended = running.finish()
        self.assertEqual(1, ended.code, ended.out)
        self.assertIn('A node is away.', ended.err)

    def test_an_unknown_job_says_so(self):
        id = str(uuid.uuid4())
        for verb in ('show', 'log', 'cancel'):
            lines = self.refused('backup', 'job', verb, id)
            self.assertEqual(
                ['There is no job %s.' % id,
                 'List what there is with openstack control plane backup job '
                 'list.'],
                lines[:2])


class LogTest(base.ShellTestCase):
    def test_a_log_is_shown_oldest_line_first(self):
        id = service.add_job()
        events.add(id, 'It begins.')
        events.add(id, 'No space left.', level='error', step='capture',
                   node='controller-0')
        shown = self.openstack('backup', 'job', 'log', id)
        self.assertLess(shown.out.index('It begins.'),
                        shown.out.index('No space left.'))
        shown = self.openstack('backup', 'job', 'log', id, '-f', 'json').json
        del shown[1]['Time']
        self.assertEqual({'Level': 'error', 'Step': 'capture',
                          'Node': 'controller-0',
                          'Message': 'No space left.'}, shown[1])

    def test_a_part_of_a_log_can_be_had(self):
        id = service.add_job()
        for number in range(4):
            events.add(id, 'Line %d.' % number)
        shown = self.openstack('backup', 'job', 'log', id, '--limit', '2',
                               '--marker', '1', '-f', 'json').json
        self.assertEqual(['Line 1.', 'Line 2.'],
                         [line['Message'] for line in shown])

    def test_a_log_is_followed_until_the_job_has_ended(self):
        self.openstack('overcloud', 'backup', 'create')
        work = conductor.Work(conductor.queued())
        running = self.start('backup', 'job', 'log', '--follow', work.id)
        while 'The job begins.' not in running.out:
            time.sleep(0.05)
        events.add(work.id, 'Almost there.', node='controller-0')
        work.finish()
        ended = running.finish()
        self.assertEqual(0, ended.code, ended.err)
        self.assertRegex(ended.out.splitlines()[1],
                         r'^\S+Z  info  controller-0  Almost there\.$')

    def test_a_followed_log_can_be_read_by_programs(self):
        id = service.add_job()
        events.add(id, 'It begins.')
        shown = self.openstack('backup', 'job', 'log', '--follow', id, '-f',
                               'json')
        self.assertEqual('It begins.', json.loads(shown.out)['message'])
        lines = self.refused('backup', 'job', 'log', '--follow', id, '-f',
                             'yaml')
        self.assertIn('-f table, value or json', lines[1])

    def test_a_log_does_not_steer_the_terminal(self):
        id = service.add_job()
        events.add(id, 'Bad\x1b[2Jnews\nof all sorts.')
        for options in ((), ('--follow',)):
            shown = self.openstack('backup', 'job', 'log', id, *options)
            self.assertIn('Bad [2Jnews of all sorts.', shown.out)
