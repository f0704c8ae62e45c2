# SPDX-License-Identifier: Apache-2.0
"""What is foreseen before the barrier, refused, and measured after it."""
import datetime
import json

from oslo_config import cfg

from baas.db import backups
from baas.db import events
from baas.db import jobs
from baas.requests import submit
from baas.storage import manifest
from baas.tests.conductor import base
from baas.tests import fixtures

NODES = ('controller-0', 'controller-1', 'controller-2')


def add_set(number=0, **columns):
    """Write a whole set and its job, which took 200 s; give its id."""
    begun = datetime.datetime(2026, 1, 1) + datetime.timedelta(number)
    id = fixtures.add_job(
        started_at=begun, created_at=begun,
        finished_at=begun + datetime.timedelta(seconds=200))
    for place, node in enumerate(NODES):
        fixtures.add_backup(**{
            'set_id': id, 'node': node, 'number': number * 1440,
            'stopall': True, 'quiesce_mode': 'stop', 'stored_bytes': 1 << 20,
            'outage_seconds': 4.0 + place / 2, **columns})
    return id


def checked(**forecast):
    """Make what the check of a node says."""
    return {'check': {'*': {'result': {'time': 0.0, 'forecast': forecast}}}}


class TestForecast(base.ConductorTest):

    def foreseen(self, stopall=True):
        """Check the overcloud; give the forecast."""
        job = self.run_job(submit.backup('overcloud', stopall=stopall,
                                         check_only=True))
        self.assertEqual(('done', None), (job.state, job.error_cause))
        return job.forecast

    def test_a_check_looks_at_every_node_and_does_nothing_else(self):
        job = self.run_job(submit.backup('overcloud', stopall=True,
                                         check_only=True))
        self.assertEqual('done', job.state)
        self.assertEqual([('check', node) for node in NODES], sorted(
            (entry['step'], entry['node']) for entry in self.done()))
        self.assertEqual([], backups.by_set(job.id))
        self.assertIsNone(job.holds)

    def test_a_check_that_fails_names_the_node_and_the_cause(self):
        self.scenario({'check': {'controller-1': {'fail': 'No quorum.'},
                                 '*': {'result': {'time': 0.0}}}})
        job = self.run_job(submit.backup('overcloud', stopall=True,
                                         check_only=True))
        self.assertEqual(
            ('error', 'controller-1', 'check', 'No quorum.'),
            (job.state, job.error_node, job.error_step, job.error_cause))
        self.assertIsNone(job.forecast)

    def test_the_last_whole_set_of_the_kind_tells_what_to_expect(self):
        add_set(1, outage_seconds=60.0)
        wanted = add_set(2)
        add_set(3, stopall=False, quiesce_mode=None, outage_seconds=0.0)
        add_set(4, quiesce_mode='freeze', outage_seconds=1.0)
        add_set(5, status='error')
        fixtures.add_backup(number=9 * 1440, stopall=True, quiesce_mode='stop',
                            outage_seconds=1.0)
        found = self.foreseen()
        self.assertEqual(
            (wanted, 5.0, 200.0, 3 << 20),
            (found['set_id'], found['outage_seconds'],
             found['duration_seconds'], found['stored_bytes']))

    def test_without_a_set_the_nodes_tell_what_they_know(self):
        self.scenario(checked(outage=2.5, bytes=1 << 20))
        found = self.foreseen()
        self.assertEqual((None, 2.5, None, 3 << 20), (
            found['set_id'], found['outage_seconds'],
            found['duration_seconds'], found['stored_bytes']))

    def test_what_nobody_knows_is_unknown(self):
        self.assertIsNone(self.foreseen()['outage_seconds'])

    def test_where_nothing_rests_no_outage_is_expected(self):
        self.assertEqual(0.0, self.foreseen(stopall=False)['outage_seconds'])

    def test_the_bound_of_the_dead_man_is_part_of_it(self):
        self.service.conf.config(group='quiesce', deadman_timeout=90,
                                 health_timeout=60)
        self.assertEqual(150, self.foreseen()['back_within_seconds'])

    def test_the_log_of_a_backup_says_it_before_anything_rests(self):
        job = self.run_job(submit.backup('overcloud', stopall=True))
        lines = [row.message for row in events.page(job.id, limit=100)]
        said = 'The length of the outage is not known.'
        self.assertLess(lines.index(said),
                        lines.index('Step prepare begins.'))
        self.assertIn(said, job.forecast['summary'])


class TestLimit(base.ConductorTest):

    def take(self, max_outage=None):
        """Take a set of the overcloud; give the job."""
        return self.run_job(submit.backup('overcloud', stopall=True,
                                          max_outage=max_outage))

    def assert_refused(self, job):
        self.assertEqual(('error', 'check', None), (
            job.state, job.error_step, job.error_node))
        self.assertIn('expected to be 5 s, longer than the max_outage of 3 s',
                      job.error_cause)
        self.assertEqual(['check'], self.steps_done())
        self.assertEqual({'error'}, {
            row.status for row in backups.by_set(job.id)})

    def test_a_limit_below_the_forecast_is_refused_before_anything_begins(
            self):
        add_set()
        job = self.take(max_outage=3.0)
        self.assert_refused(job)
        self.assertEqual((5.0, 3.0), (job.forecast['outage_seconds'],
                                      job.forecast['max_outage_seconds']))

    def test_the_limit_of_the_configuration_holds_as_well(self):
        add_set()
        self.service.conf.config(group='quiesce', max_outage='3s')
        self.assert_refused(self.take())

    def test_a_request_goes_before_the_configuration_and_to_the_nodes(self):
        add_set()
        self.service.conf.config(group='quiesce', max_outage='3s')
        job = self.take(max_outage=30.0)
        self.assertEqual('done', job.state)
        path = (self.service.folder / 'jobs' / 'first' / job.id
                / 'barrier.json')
        asked = json.loads(path.read_text())
        self.assertEqual({30.0}, {asked['max_outage'], *(
            asked['nodes'][node]['max_outage'] for node in NODES)})

    def test_a_limit_in_the_configuration_that_is_none_is_named(self):
        path = self.service.folder / 'baas.conf'
        path.write_text('[quiesce]\nmax_outage = soon\n')
        cfg.CONF([], project='baas', default_config_files=[str(path)],
                 default_config_dirs=[])
        job = self.take()
        self.assertEqual(('error', 'check'), (job.state, job.error_step))
        self.assertIn('max_outage', job.error_cause)
        self.assertIn('[quiesce] max_outage', job.error_hint)
        self.assertEqual([], self.done())


class TestMeasured(base.ConductorTest):

    def barrier(self, **more):
        """Say what the nodes have measured, the first one the probes."""
        return {'snapshot': {
            '*': {'verb': 'resume', 'result': {
                'outage': 2.0, 'services': {'galera': 2.0}}},
            'controller-2': {'verb': 'barrier', 'result': {
                'probes': {'192.0.2.1:80': {'client_outage': 2.5}}}},
            **more}}

    def test_a_backup_shows_what_its_node_has_measured_and_no_more(self):
        self.scenario(self.barrier())
        job = self.run_job(submit.backup('overcloud', stopall=True))
        rows = backups.by_set(job.id)
        self.assertEqual(
            ('available', 'stop', 2.0, {'galera': 2.0}, 2.5),
            (rows[0].status, rows[0].quiesce_mode, rows[0].outage_seconds,
             rows[0].service_outages, rows[0].client_outage_seconds))
        # It has not said: that is not the same as no outage.
        self.assertIsNone(rows[2].outage_seconds)

    def signed(self, stopall):
        """Take a set; give what two of its manifests say of it."""
        # Nothing here is about claims, and machines may be slow.
        self.service.conf.config(group='conductor', lease=120)
        job = self.run_job(submit.backup('overcloud', stopall=stopall))
        folder = self.service.folder / 'jobs' / 'first' / job.id
        asked = [json.loads((folder / f'verify-{node}.json').read_text())
                 for node in ('controller-0', 'controller-2')]
        # What is asked for is all that a manifest needs to be made.
        made = [manifest.build(
            {**one['manifest'], 'node': one['node'],
             'backup': one['backup'], 'cloud': 'c1'}, {
                 **base.CAPTURED, 'kind': 'restic', 'disk_bytes': 2000,
                 'layout': {}}) for one in asked]
        return [(one['quiesce_mode'], one['outage_seconds'],
                 one['service_outages'])
                for one in made]

    def test_the_manifest_says_how_it_rested_and_how_long(self):
        self.scenario(self.barrier())
        self.assertEqual([('stop', 2.0, {'galera': 2.0}), ('stop', 0.0, {})],
                         self.signed(stopall=True))
        self.assertEqual([('none', 0.0, {})] * 2, self.signed(stopall=False))

    def test_a_moment_that_failed_has_cost_its_outage_all_the_same(self):
        self.scenario(self.barrier(**{'controller-1': {'fail': 'Too slow.'}}))
        job = self.run_job(submit.backup('overcloud', stopall=True))
        self.assertEqual('error', jobs.get(job.id).state)
        row = backups.by_set(job.id)[0]
        self.assertEqual(('error', 2.0), (row.status, row.outage_seconds))

    def test_where_nothing_rested_there_is_no_way_and_no_outage(self):
        job = self.run_job(submit.backup('overcloud', stopall=False))
        self.assertEqual({(None, 0.0)}, {
            (row.quiesce_mode, row.outage_seconds)
            for row in backups.by_set(job.id)})
