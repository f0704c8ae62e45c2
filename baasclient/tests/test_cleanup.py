# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup cleanup ..., protect, unprotect and trust"""
import datetime

from baas.db import backups
from baas.db import jobs
from baas.db.retention import cleanups
from baas import errors
from baas.tests import fixtures as service
from baasclient.tests import base
from baasclient.tests import conductor

CLEANUP = ('control', 'plane', 'backup', 'cleanup')
OLD = datetime.datetime(2025, 1, 1)


class CleanupTest(base.ShellTestCase):

    def test_a_policy_is_made_shown_and_listed(self):
        made = self.openstack(
            *CLEANUP, 'create', 'overcloud', '--name', 'usual', '--minimum',
            '2', '--keep-within', '12h', '--keep-daily', '7', '--timezone',
            'Europe/Berlin', '-f', 'json').json
        self.assertEqual(
            ('overcloud', 'usual', 2, '12h', 7, 0, 'Europe/Berlin'),
            tuple(made[name] for name in (
                'target', 'name', 'minimum', 'keep_within', 'keep_daily',
                'keep_last', 'timezone')))
        for reference in (made['id'], 'usual', 'overcloud'):
            self.assertIn(made['id'], self.openstack(
                *CLEANUP, 'show', reference).out)
        listed = self.openstack('backup', 'cleanup', 'list')
        self.assertRegex(listed.out, r'usual +\| overcloud +\| 2 +\| 12h ')

    def test_one_that_keeps_nothing_is_refused(self):
        lines = self.refused(*CLEANUP, 'create', 'overcloud')
        self.assertEqual(
            ['The policy would keep no set but the minimum.',
             'Give at least one of --keep-within, --keep-last, --keep-hourly, '
             '--keep-daily, --keep-weekly, --keep-monthly, --keep-yearly, and '
             'more than 0.'], lines[:2])

    def test_a_policy_is_changed_where_it_is_told_to(self):
        id = service.add_cleanup(keep_daily=3)
        self.openstack(*CLEANUP, 'set', 'overcloud', '--keep-last', '0')
        row = cleanups.get(id)
        self.assertEqual((0, 3, 2), (row.keep_last, row.keep_daily,
                                     row.revision))
        self.assertIn('Nothing is to be changed.',
                      self.refused(*CLEANUP, 'set', 'overcloud'))

    def test_an_empty_text_takes_name_and_cron_away(self):
        id = service.add_cleanup(cron='0 4 * * *')
        self.openstack(*CLEANUP, 'set', 'overcloud', '--name', '', '--cron',
                       '')
        row = cleanups.get(id)
        self.assertEqual((None, None), (row.name, row.cron))

    def test_a_policy_that_is_run_by_itself_is_made_and_shows_when(self):
        made = self.openstack(
            *CLEANUP, 'create', 'overcloud', '--keep-last', '3', '--cron',
            '30 4 * * 0', '--timezone', 'Europe/Berlin', '--window', '90',
            '--jitter', '600', '--missed', 'skip', '-f', 'json').json
        self.assertEqual(
            ('30 4 * * 0', 'Europe/Berlin', 90, 600, 'skip', True, None, 5),
            (*(made[name] for name in (
                'cron', 'timezone', 'window_minutes', 'jitter_seconds',
                'missed', 'enabled', 'last_run')), len(made['next_runs'])))
        listed = self.openstack(*CLEANUP, 'list')
        self.assertIn('| 30 4 * * 0 | yes     | '
                      + made['next_runs'][0], listed.out)
        shown = self.openstack(*CLEANUP, 'show', 'overcloud')
        self.assertIn(made['next_runs'][4], shown.out)

    def test_a_policy_is_given_times_and_told_to_have_no_more_runs(self):
        id = service.add_cleanup()
        self.openstack(*CLEANUP, 'set', 'usual', '--cron', '*/30 * * * *')
        row = cleanups.get(id)
        self.assertEqual(('*/30 * * * *', 30, True, 2), (
            row.cron, row.window_minutes, row.enabled, row.keep_last))
        self.openstack(*CLEANUP, 'set', 'usual', '--disable')
        self.assertEqual(('*/30 * * * *', False), (
            cleanups.get(id).cron, cleanups.get(id).enabled))
        lines = self.refused(*CLEANUP, 'set', 'usual', '--cron', 'never')
        self.assertIn('Option --cron: must have five fields', lines[0])
        lines = self.refused(*CLEANUP, 'set', 'usual', '--window', '31')
        self.assertIn('Option --window: ', lines[0])

    def test_a_policy_is_deleted(self):
        id = service.add_cleanup()
        self.openstack(*CLEANUP, 'delete', 'usual')
        self.assertRaises(errors.NotFound, cleanups.get, id)
        self.assertIn('No policy has the id, the name or the target usual.',
                      self.refused(*CLEANUP, 'delete', 'usual'))

    def test_the_preview_says_what_stays_and_why(self):
        service.add_cleanup(keep_last=1)
        base.add_set()
        old = service.add_backup(created_at=OLD)
        shown = self.openstack(*CLEANUP, 'preview', 'overcloud', '-f',
                               'json').json
        self.assertEqual(
            [(base.SET, True), (backups.get(old).set_id, False)],
            [(one['Set ID'], one['Stays']) for one in shown])
        self.assertEqual(['no rule keeps it'], shown[1]['Reasons'])
        self.assertRegex(
            self.openstack(*CLEANUP, 'preview', 'overcloud').out,
            r'yes +\| number 1 of the 1 good sets')
        self.assertEqual('available', backups.get(old).status)

    def test_a_year_is_simulated(self):
        days = self.openstack(
            *CLEANUP, 'simulate', '--keep-daily', '3', '--days', '9',
            '--size', '1T', '--change', '10G', '--all', '-f', 'json').json
        self.assertEqual([1, 2, 3, 3, 3, 3, 3, 3, 3],
                         [day['Sets'] for day in days])
        self.assertEqual(1 << 40, days[0]['Stored'])
        # Three that stay, and three that are in the trash.
        self.assertEqual((1 << 40) + (50 << 30), days[-1]['Stored'])
        service.add_cleanup(keep_last=2)
        few = self.openstack(*CLEANUP, 'simulate', 'overcloud', '--days',
                             '9', '-f', 'json').json
        self.assertEqual([1, 2, 2], [day['Sets'] for day in few])
        self.assertEqual({None}, {day['Stored'] for day in few})
        lines = self.refused(*CLEANUP, 'simulate', '--size', '1G', '--change',
                             '2G')
        self.assertEqual(['Option --change: must not be more than a set '
                          'holds, --size.', 'Correct option --change.'],
                         lines[:2])
        self.refused(*CLEANUP, 'simulate', '--size', '3 apples', code=2)

    def test_a_clean_up_is_run_by_hand(self):
        id = service.add_cleanup(name='usual')
        run = self.openstack(*CLEANUP, 'run', 'usual', '-f', 'json').json
        self.assertEqual((conductor.queued(), 'cleanup', 'queued'),
                         (run['id'], run['kind'], run['state']))
        self.assertEqual(id, jobs.get(run['id']).options['policy'])


class ProtectTest(base.ShellTestCase):

    def test_a_set_is_protected_and_cannot_be_deleted(self):
        ids = base.add_set()
        self.openstack('control', 'plane', 'backup', 'protect', ids[1])
        self.assertEqual({True}, {row.protected
                                  for row in backups.by_set(base.SET)})
        lines = self.refused('overcloud', 'backup', 'delete', ids[0])
        self.assertIn('is protected', lines[0])
        self.assertIn('openstack control plane backup unprotect ' + ids[0],
                      lines[1])
        self.openstack('backup', 'unprotect', ids[2])
        self.openstack('overcloud', 'backup', 'delete', ids[0])

    def test_a_suspicious_set_is_trusted(self):
        id = service.add_backup(suspicions=['it has 3 files'])
        shown = self.openstack('backup', 'trust', id)
        self.assertIn('it has 3 files', shown.out)
        self.assertIsNotNone(backups.get(id).trusted_at)

    def test_a_backup_is_asked_for_that_expires_and_has_labels(self):
        made = self.openstack(
            'overcloud', 'backup', 'create', '--expires',
            '2999-01-31T00:00:00Z', '--label', 'ticket=4711', '--label',
            'why=before=update', '-f', 'json').json
        row = backups.by_set(made['id'])[0]
        self.assertEqual(
            (datetime.datetime(2999, 1, 31),
             {'ticket': '4711', 'why': 'before=update'}),
            (row.expires_at, row.labels))
        listed = self.openstack('backup', 'show', row.id)
        self.assertRegex(listed.out, r'labels +\| ticket=4711')

    def test_backups_are_listed_by_their_labels(self):
        both = service.add_backup(labels={'ticket': '4711', 'why': 'a=b:c'})
        one = service.add_backup(labels={'ticket': '4711'}, number=1)
        service.add_backup()
        for words, ids in ((('--label', 'ticket=4711'), [one, both]),
                           (('--label', 'ticket=4711', '--label',
                             'why=a=b:c'), [both]),
                           (('--label', 'ticket=4712'), [])):
            for command in (('backup', 'list'),
                            ('overcloud', 'backup', 'list')):
                self.assertEqual(ids, self.openstack(
                    *command, *words, '-f', 'value', '-c', 'ID'
                ).out.split(), words)
        self.openstack('backup', 'list', '--label', 'ticket', code=2)
        lines = self.refused('backup', 'list', '--label', '.=4711')
        self.assertIn('Option --label: ', lines[0])

    def test_a_label_without_a_value_or_given_twice_is_refused(self):
        self.openstack('overcloud', 'backup', 'create', '--label', 'ticket',
                       code=2)
        refused = self.openstack('overcloud', 'backup', 'create', '--label',
                                 'a=1', '--label', 'a=2', code=2)
        self.assertIn('the key a is there twice', refused.err)
        self.assertEqual([], jobs.queued())
