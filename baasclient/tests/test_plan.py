# SPDX-License-Identifier: Apache-2.0
"""openstack restore plan ..."""
import uuid

import yaml

from baas.db import jobs
from baas.jobs import restore_plan
from baas.tests import fixtures as service
from baasclient.tests import base
from baasclient.tests import conductor

PREVIOUS = restore_plan.PreviousRun(str(uuid.uuid4()), 600.0, 400.0, 7 << 30,
                                    True)


class PlanTest(base.ShellTestCase):
    def planned(self, *options, **more):
        """Run the command while a conductor plans; give what it says."""
        self.backup = service.add_backup()
        running = self.start('restore', 'plan', 'last', 'controller-0',
                             *options)
        work = conductor.Work(conductor.queued())
        work.run('plan')
        work.lay_out(**more)
        work.finish()
        ended = running.finish()
        self.assertEqual(0, ended.code, ended.err)
        return ended

    def test_it_waits_for_the_plan_and_shows_it(self):
        ended = self.planned(
            previous=PREVIOUS, reachable_members=['controller-1'],
            unreachable_members=['controller-2'], from_members=[
                {'what': 'The database', 'members': ['controller-1']}])
        for line in (
                r'machines +\| controller-0  It boots over the network '
                r'\(uefi\) ',
                r'backups +\| controller-0  %s of 2026-01-01T00:00:00.000Z, '
                r'2 h 1 min ago ' % self.backup,
                r'disks +\| controller-0  /  xfs 50 GiB -> not known before '
                r'the rescue system runs ',
                r'steps +\| plan +Checks the manifest',
                r'\| recover +Writes all files onto the disks',
                r'duration_seconds +\| 10 min 0 s ',
                r'restore_id +\| %s ' % PREVIOUS.id,
                r'reachable_members +\| controller-1 ',
                r'unreachable_members +\| controller-2 ',
                r'from_members +\| The database from controller-1 ',
                r'problems +\| - '):
            self.assertRegex(ended.out, line)
        self.assertIn(': plan of backup %s (controller-0)'
                      % self.backup,
                      ended.err)

    def test_what_is_not_known_is_said_to_be_unknown(self):
        self.assertRegex(self.planned().out, r'duration_seconds +\| unknown ')

    def test_nothing_is_restored(self):
        shown = self.planned('-f', 'json').json
        self.assertEqual('restore-plan', jobs.get(shown['id']).kind)
        listed = self.openstack('restore', 'list', '-f', 'json').json
        self.assertEqual([], listed)

    def test_programs_get_the_plan_as_the_service_gives_it(self):
        shown = self.planned('-f', 'json', previous=PREVIOUS).json
        self.assertEqual((600.0, 'done', [], None), (
            shown['duration_seconds'], shown['state'], shown['problems'],
            shown['disks'][0]['disks'][0]['target_device']))
        self.assertEqual(7260.0, shown['backups'][0]['age_seconds'])

    def test_as_yaml(self):
        shown = yaml.safe_load(self.planned('-f', 'yaml').out)
        self.assertEqual('recover', shown['steps'][3]['name'])

    def test_as_plain_values(self):
        out = self.planned('-f', 'value', '-c', 'state', '-c',
                           'duration_seconds').out
        self.assertEqual(['done', 'None'], out.split())

    def test_as_variables_of_a_shell(self):
        self.assertIn('state="done"', self.planned('-f', 'shell').out)

    def test_what_fails_now_is_shown_and_fails_the_command(self):
        service.add_backup()
        running = self.start('restore', 'plan', 'last', 'controller-0')
        work = conductor.Work(conductor.queued())
        work.begin('plan')
        work.lay_out(problems=[{'node': 'controller-0', 'cause': 'No power.',
                                'hint': 'Look at it.'}])
        work.fail('plan', 'controller-0', 'No power.', 'Look at it.')
        ended = running.finish()
        self.assertEqual(1, ended.code)
        self.assertRegex(ended.out,
                         r'problems +\| controller-0: No power\. ')
        self.assertIn('failed on controller-0 in step plan: No power.\n'
                      'Look at it.\n', ended.err)

    def test_a_job_that_planned_shows_it_in_words(self):
        id = self.planned('-f', 'json').json['id']
        shown = self.openstack('backup', 'job', 'show', id)
        self.assertRegex(shown.out, r'plan +\| controller-0 gets backup ')

    def test_a_whole_set_is_planned(self):
        set_id = str(uuid.uuid4())
        for node in conductor.NODES:
            service.add_backup(node=node, set_id=set_id)
        running = self.start('restore', 'plan', '--set', 'last')
        work = conductor.Work(conductor.queued())
        self.assertEqual({'set_id': set_id}, jobs.get(work.id).options)
        work.run('plan')
        work.finish()
        ended = running.finish()
        self.assertEqual(0, ended.code, ended.err)
        self.assertIn(': plan of set %s (overcloud)' % set_id,
                      ended.err)

    def test_a_backup_without_a_node_is_refused(self):
        lines = self.refused('restore', 'plan', 'last')
        self.assertIn('openstack restore plan <backup> <node>', lines[1])
        self.assertEqual([], jobs.queued())

    def test_waiting_for_it_may_time_out(self):
        service.add_backup()
        lines = self.refused('restore', 'plan', 'last', 'controller-0',
                             '--timeout', '1')
        self.assertIn('has not ended in time', ''.join(lines))
