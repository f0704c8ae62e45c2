# SPDX-License-Identifier: Apache-2.0
"""openstack overcloud backup create --check-only, and --max-outage."""
from baas.db import backups
from baas.db import jobs
from baasclient.tests import base
from baasclient.tests import conductor

CHECK = ('overcloud', 'backup', 'create', '--stop-all', '--check-only')


class CheckTest(base.ShellTestCase):
    def checked(self, *options, code=0, **figures):
        """Run the command while a conductor finds these figures."""
        running = self.start(*CHECK, *options)
        work = conductor.Work(conductor.queued())
        work.run('check')
        work.foresee(**figures)
        work.finish()
        ended = running.finish()
        self.assertEqual(code, ended.code, ended.err)
        return ended

    def test_it_waits_for_the_checks_and_shows_what_to_expect(self):
        ended = self.checked(outage_seconds=4.25, duration_seconds=200.0,
                             stored_bytes=310 << 20)
        for line in (r'outage_seconds +\| 4\.2 s ',
                     r'duration_seconds +\| 3 min 20 s ',
                     r'stored_bytes +\| 310 MiB ',
                     r'back_within_seconds +\| 10 min 0 s ',
                     r'summary +\| Whatever dies, nodes resume\. '):
            self.assertRegex(ended.out, line)
        self.assertIn(': check of the overcloud', ended.err)

    def test_what_is_not_known_is_said_to_be_unknown(self):
        ended = self.checked()
        self.assertEqual(3, ended.out.count('| unknown '))
        self.assertRegex(ended.out, r'max_outage_seconds +\| - ')

    def test_programs_get_raw_figures(self):
        shown = self.checked('-f', 'json', outage_seconds=4.25).json
        self.assertEqual((4.25, None, 600.0, True, 'done'), (
            shown['outage_seconds'], shown['stored_bytes'],
            shown['back_within_seconds'], shown['stopall'], shown['state']))

    def test_no_backup_is_asked_for(self):
        shown = self.checked('-f', 'json').json
        self.assertEqual('check', jobs.get(shown['id']).kind)
        self.assertEqual([], backups.page())

    def test_a_check_that_fails_fails_the_command_with_its_cause(self):
        running = self.start(*CHECK, '--max-outage', '3s')
        work = conductor.Work(conductor.queued())
        self.assertEqual(3.0, jobs.get(work.id).options['max_outage'])
        work.begin('check')
        work.foresee(outage_seconds=5.0, max_outage_seconds=3.0)
        work.fail('check', None, 'The outage is expected to be 5 s, longer '
                  'than the max_outage of 3 s.', 'Raise max_outage to 5 or '
                  'more, or take the backup with stopall=no.')
        ended = running.finish()
        self.assertEqual(1, ended.code)
        self.assertRegex(ended.out, r'outage_seconds +\| 5\.0 s ')
        self.assertIn('longer than the max_outage of 3 s', ended.err)
        self.assertIn('Raise --max-outage to 5 or more, or take the backup '
                      'with --no-stop-all.', ended.err)

    def test_waiting_for_it_may_time_out(self):
        lines = self.refused(*CHECK, '--timeout', '1')
        self.assertIn('has not ended in time', ''.join(lines))


class LimitTest(base.ShellTestCase):
    def test_a_limit_reaches_the_job(self):
        asked = self.openstack('overcloud', 'backup', 'create', '--stop-all',
                               '--max-outage', '2m', '-f', 'json')
        self.assertEqual({'stopall': True, 'max_outage': 120.0},
                         jobs.get(asked.json['id']).options)

    def test_no_limit_can_be_asked_for(self):
        asked = self.openstack('overcloud', 'backup', 'create',
                               '--max-outage', '0', '-f', 'json')
        self.assertEqual(0.0,
                         jobs.get(asked.json['id']).options['max_outage'])

    def test_what_is_no_duration_is_refused_by_name(self):
        for value in ('soon', '', '-3s'):
            lines = self.refused('overcloud', 'backup', 'create',
                                 '--max-outage=' + value)
            self.assertIn('Option --max-outage: must be a duration',
                          lines[0])
        self.assertEqual([], jobs.queued())


class OutageTest(base.ShellTestCase):
    def taken(self):
        """Take a set; give the id of its job."""
        id = self.openstack('overcloud', 'backup', 'create', '--stop-all',
                            '-f', 'json').json['id']
        work = conductor.Work(id)
        work.foresee(summary=['No service is forgotten.'])
        work.finish()
        return id

    def test_a_backup_shows_each_outage_and_what_clients_saw(self):
        row = backups.by_set(self.taken())[0]
        shown = self.openstack('backup', 'show', row.id)
        self.assertRegex(shown.out, r'\| quiesce_mode +\| stop ')
        self.assertRegex(shown.out, r'\| client_outage_seconds +\| 4\.8 s ')
        self.assertRegex(shown.out, r'\| service_outages +\| haproxy  4\.2 s ')
        self.assertRegex(shown.out, r'\| +\| galera  4\.0 s ')
        shown = self.openstack('backup', 'show', row.id, '-f', 'json').json
        self.assertEqual({'galera': 4.0, 'haproxy': 4.25},
                         shown['service_outages'])

    def test_a_job_shows_them_for_its_set_beside_the_forecast(self):
        id = self.taken()
        shown = self.openstack('backup', 'job', 'show', id)
        self.assertRegex(shown.out,
                         r'\| forecast +\| No service is forgotten\. ')
        self.assertRegex(shown.out, r'\| outage +\| mode  stop ')
        self.assertRegex(shown.out, r'\| +\| for clients  4\.8 s ')

    def test_a_long_list_has_them(self):
        self.taken()
        listed = self.openstack('backup', 'list', '--long', '-f', 'json')
        self.assertEqual(('stop', 4.75), (
            listed.json[0]['Quiesce Mode'], listed.json[0]['Client Outage']))
