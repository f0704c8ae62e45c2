# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup schedule ..."""
import time

from baas.db import jobs
from baas.db.schedule import schedules
from baas.tests import fixtures as service
from baasclient.tests import base
from baasclient.tests import conductor

SCHEDULE = ('control', 'plane', 'backup', 'schedule')


class ScheduleTest(base.ShellTestCase):

    def rows(self):
        return schedules.page(filters={}, sort=[('created_at', 'asc')],
                              limit=9)

    def test_a_schedule_is_made_and_shown(self):
        made = self.openstack(
            *SCHEDULE, 'create', 'overcloud', '30 2 * * *', '--timezone',
            'Europe/Berlin', '--name', 'nightly', '--stop-all', '--window',
            '90', '--jitter', '600', '--missed', 'skip', '-f', 'json').json
        self.assertEqual(
            ('overcloud', '30 2 * * *', 'Europe/Berlin', 'nightly', True, 90,
             600, 'skip', True), tuple(made[name] for name in (
                 'target', 'cron', 'timezone', 'name', 'stopall',
                 'window_minutes', 'jitter_seconds', 'missed', 'enabled')))
        self.assertEqual(5, len(made['next_runs']))
        shown = self.openstack(*SCHEDULE, 'show', 'nightly')
        self.assertIn(made['next_runs'][0], shown.out)
        self.assertRegex(shown.out, r'\| last_run +\| - ')
        self.assertRegex(shown.out, r'\| jitter_seconds +\| 10 min 0 s ')

    def test_schedules_are_listed_and_filtered(self):
        nightly = service.add_schedule(name='nightly')
        weekly = service.add_schedule(
            name='weekly', target='undercloud', enabled=False,
            cron='0 3 * * 0')
        listed = self.openstack('backup', 'schedule', 'list', '--long')
        self.assertRegex(listed.out, r'0 3 \* \* 0 +\| UTC +\| no +\| no ')
        for words, ids in (((), [nightly, weekly]),
                           (('--target', 'undercloud'), [weekly]),
                           (('--name', 'nightly'), [nightly]),
                           (('--enabled',), [nightly]),
                           (('--disabled',), [weekly]),
                           (('--sort', 'name:desc', '--limit', '1'),
                            [weekly])):
            listed = self.openstack(*SCHEDULE, 'list', *words, '-f', 'value',
                                    '-c', 'ID')
            self.assertEqual(sorted(ids), sorted(listed.out.split()), words)

    def test_an_empty_name_takes_the_name_away(self):
        id = service.add_schedule(name='nightly')
        self.openstack(*SCHEDULE, 'set', 'nightly', '--name', '')
        self.assertIsNone(schedules.get(id).name)

    def test_a_schedule_is_changed_where_it_is_told_to(self):
        id = service.add_schedule(name='nightly', stopall=True)
        self.openstack(*SCHEDULE, 'set', id, '--cron', '0 4 * * *',
                       '--no-stop-all', '--window', '30')
        row = schedules.get(id)
        self.assertEqual(('0 4 * * *', False, 30, 'nightly', 2), (
            row.cron, row.stopall, row.window_minutes, row.name,
            row.revision))

    def test_a_change_of_nothing_is_refused(self):
        lines = self.refused(*SCHEDULE, 'set', service.add_schedule())
        self.assertEqual('Nothing is to be changed.', lines[0])

    def test_what_the_service_refuses_is_told_and_nothing_is_made(self):
        for words, said in (
                (('0 0 31 2 *',), 'Argument <cron>: '),
                (('0 * * * *', '--window', '61'), 'Option --window: '),
                (('0 1 * * *', '--timezone', 'Mars'), 'Option --timezone: ')):
            lines = self.refused(*SCHEDULE, 'create', 'overcloud', *words)
            self.assertIn(said, lines[0])
        self.assertEqual([], self.rows())

    def test_schedules_are_disabled_and_enabled(self):
        ids = [service.add_schedule(name='nightly'),
               service.add_schedule(name='weekly', cron='0 1 * * 0')]
        self.openstack(*SCHEDULE, 'disable', *ids)
        self.assertEqual([False, False], [row.enabled for row in self.rows()])
        self.openstack(*SCHEDULE, 'enable', 'weekly')
        self.assertEqual({'nightly': False, 'weekly': True}, {
            row.name: row.enabled for row in self.rows()})

    def test_a_schedule_is_run_by_hand(self):
        id = service.add_schedule(name='nightly', enabled=False)
        run = self.openstack(*SCHEDULE, 'run', 'nightly', '-f', 'json').json
        self.assertEqual((conductor.queued(), 'backup', 'queued'),
                         (run['id'], run['kind'], run['state']))
        self.assertEqual(id, jobs.get(run['id']).options['schedule_id'])
        shown = self.openstack(*SCHEDULE, 'show', id)
        self.assertIn(run['id'], shown.out)
        self.assertRegex(shown.out, r'\| last_run +\| queued ')
        lines = self.refused(*SCHEDULE, 'run', id)
        self.assertIn('Job %s is at work' % run['id'], lines[0])

    def test_a_run_by_hand_can_be_waited_for(self):
        service.add_schedule(name='nightly')
        running = self.start(*SCHEDULE, 'run', 'nightly', '--wait',
                             '-f', 'json')
        while not jobs.queued():
            time.sleep(0.05)
        work = conductor.Work(conductor.queued())
        work.run('check')
        work.finish()
        ended = running.finish()
        self.assertEqual((0, 'done'), (ended.code, ended.json['state']),
                         ended.err)

    def test_schedules_are_deleted_by_id_or_name(self):
        service.add_schedule(name='nightly')
        weekly = service.add_schedule(name='weekly', cron='0 1 * * 0')
        lines = self.refused(*SCHEDULE, 'delete', 'nobody', 'nightly', weekly)
        self.assertIn('There is no schedule with the id or the name nobody.',
                      lines[0])
        self.assertEqual('1 of 3 schedules could not be deleted.', lines[-1])
        self.assertEqual([], self.rows())

    def test_a_name_of_two_is_no_name(self):
        ids = [service.add_schedule(name='same'),
               service.add_schedule(name='same', cron='0 2 * * *')]
        lines = self.refused(*SCHEDULE, 'show', 'same')
        self.assertEqual('2 schedules are called same.', lines[0])
        self.assertEqual(sorted(ids), sorted(
            line.split()[0] for line in lines[2:4]))

    def test_a_service_of_1_0_has_none(self):
        lines = self.refused('--os-baas-api-version', '1.0', *SCHEDULE,
                             'list')
        self.assertIn('before microversion 1.1', lines[0])
