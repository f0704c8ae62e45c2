# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup schedule ...: monitors, what follows runs,
the runs, and the pause."""
import datetime
import pathlib
import subprocess

import sqlalchemy as sa

from baas.db.schedule import followers
from baas.db.schedule import pauses
from baas.db.schedule import schedule_pings
from baas.db.schedule import schedule_runs
from baas.db.schedule import schedules
from baas.db import session
from baas.tests import fixtures as service
from baasclient.tests import base

SCHEDULE = ('control', 'plane', 'backup', 'schedule')
ADDRESS = 'https://hc.example.org/ping/a-secret'


class SilenceTest(base.ShellTestCase):

    def setUp(self):
        super().setUp()
        self.schedule = service.add_schedule(name='nightly')
        self.file = pathlib.Path(self.folder, 'address')
        self.file.write_text(ADDRESS + '\n')

    def test_a_monitor_is_given_by_a_file_and_only_its_host_is_shown(self):
        shown = self.openstack(*SCHEDULE, 'set', 'nightly', '--ping-file',
                               str(self.file))
        self.assertEqual(ADDRESS, schedules.get(self.schedule).ping_url)
        self.assertIn('hc.example.org', shown.out)
        listed = self.openstack(*SCHEDULE, 'list', '--long')
        self.assertIn('hc.example.org', listed.out)
        for text in (shown.out, shown.err, listed.out):
            self.assertNotIn('a-secret', text)
        self.openstack(*SCHEDULE, 'set', 'nightly', '--no-ping')
        self.assertIsNone(schedules.get(self.schedule).ping_url)

    def test_not_even_debugging_shows_its_address(self):
        shown = self.openstack('--debug', *SCHEDULE, 'set', 'nightly',
                               '--ping-file', str(self.file))
        self.assertIn('/v1/schedule', shown.err)
        self.assertEqual(ADDRESS, schedules.get(self.schedule).ping_url)
        self.assertNotIn('a-secret', shown.err + shown.out)

    def test_or_by_standard_input(self):
        process = self.real(
            (*SCHEDULE, 'set', 'nightly', '--ping-file', '-'),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.communicate(ADDRESS.encode(), timeout=60)
        self.assertEqual(ADDRESS, schedules.get(self.schedule).ping_url)

    def test_a_bad_address_is_refused_and_not_repeated(self):
        self.file.write_text('https://me:a-secret@hc.example.org/')
        lines = self.refused(*SCHEDULE, 'set', 'nightly', '--ping-file',
                             str(self.file))
        self.assertRegex(lines[0], 'Option --ping-file: must be an address')
        self.assertNotIn('a-secret', '\n'.join(lines))
        self.file.write_text('\n')
        for name, reason in (('/nowhere', 'cannot be read: No such file'),
                             (str(self.file), 'is empty')):
            lines = self.refused(*SCHEDULE, 'set', 'nightly', '--ping-file',
                                 name)
            self.assertIn(reason, lines[0])
        self.assertEqual(1, schedules.get(self.schedule).revision)

    def test_what_follows_a_run_is_said_in_order_and_taken_away(self):
        policy = service.add_cleanup(target='overcloud')
        self.openstack(*SCHEDULE, 'set', 'nightly', '--then', 'cleanup',
                       '--then', 'cleanup:' + policy)
        self.assertEqual(['cleanup', 'cleanup:' + policy],
                         schedules.get(self.schedule).then)
        lines = self.refused('control', 'plane', 'backup', 'cleanup',
                             'delete', policy)
        self.assertIn('Schedule %s has clean-ups by policy' % self.schedule,
                      lines[0])
        self.openstack(*SCHEDULE, 'set', 'nightly', '--no-then')
        self.assertIsNone(schedules.get(self.schedule).then)
        self.openstack('control', 'plane', 'backup', 'cleanup', 'delete',
                       policy)

    def test_without_a_policy_no_clean_up_follows(self):
        lines = self.refused(*SCHEDULE, 'set', 'nightly', '--then',
                             'cleanup')
        self.assertIn('openstack control plane backup cleanup create',
                      lines[1])

    def test_windows_that_overlap_are_refused_and_how_they_may(self):
        words = (*SCHEDULE, 'create', 'overcloud', '30 1 * * 0', '--grace',
                 '60')
        lines = self.refused(*words)
        self.assertIn('overlap with those of schedule ' + self.schedule,
                      lines[0])
        self.assertIn('--may-overlap', lines[1])
        made = self.openstack(*words, '--may-overlap', '-f', 'json').json
        self.assertEqual((True, 60),
                         (made['may_overlap'], made['grace_minutes']))

    def test_runs_are_listed_newest_first(self):
        job = service.add_job()
        with session.writer() as connection:
            for day, columns in ((2, {'state': 'submitted', 'job_id': job}),
                                 (3, {'state': 'skipped', 'was_missed': True,
                                      'reason': 'Nobody looked.'})):
                connection.execute(sa.insert(schedule_runs.RUNS).values(
                    schedule_id=self.schedule,
                    created_at=datetime.datetime(2026, 1, day, 1),
                    tick=datetime.datetime(2026, 1, day, 1), **columns))
            followers.plan(connection, 1, ['cleanup'])
            schedule_pings.plan(connection, 1)
        listed = self.openstack(*SCHEDULE, 'runs', 'nightly').out
        self.assertRegex(listed, r'2026-01-03T01:00:00.000Z \| missed  \| - ')
        self.assertRegex(listed, r'2026-01-02T01:00:00.000Z \| started \| '
                         + job + r' \| done +\| cleanup waiting ')
        self.assertLess(listed.index('missed'), listed.index('started'))
        self.assertIn('start waiting', self.openstack(
            *SCHEDULE, 'runs', 'nightly', '--long').out)
        listed = self.openstack(*SCHEDULE, 'runs', 'nightly', '--limit', '1',
                                '-f', 'value', '-c', 'Outcome')
        self.assertEqual('missed', listed.out.strip())

    def test_all_are_paused_and_resumed_and_the_list_says_so(self):
        shown = self.openstack(*SCHEDULE, 'pause', '--reason', 'A switch.',
                               '--until', '2999-01-01T00:00:00Z')
        self.assertRegex(shown.out, r'\| paused +\| yes ')
        self.assertTrue(pauses.last().is_on)
        listed = self.openstack(*SCHEDULE, 'list')
        self.assertRegex(listed.err, 'All schedules are paused since .* by '
                         'admin, until 2999-01-01T00:00:00.000Z: A switch.')
        self.assertIn('2999-01-01T01:00:00.000Z', listed.out)
        shown = self.openstack(*SCHEDULE, 'resume')
        self.assertRegex(shown.out, r'\| paused +\| no ')
        self.assertFalse(pauses.last().is_on)
        self.assertEqual('', self.openstack(*SCHEDULE, 'list').err)

    def test_a_pause_that_is_over_already_is_refused(self):
        lines = self.refused(*SCHEDULE, 'pause', '--until',
                             '2020-01-01T00:00:00Z')
        self.assertIn('Option --until: must not be over already', lines[0])
        self.assertFalse(pauses.last().is_on)
