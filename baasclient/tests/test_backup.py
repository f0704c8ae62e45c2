# SPDX-License-Identifier: Apache-2.0
"""openstack backup ... and openstack overcloud|undercloud backup ..."""
import csv
import uuid

import yaml

from baas.db import backups
from baas.db import jobs
from baas.tests import fixtures as service
from baasclient.tests import base
from baasclient.tests import conductor


class ListTest(base.ShellTestCase):
    options = {('api', 'max_limit'): 2}

    def test_a_list_is_newest_first(self):
        old = service.add_backup(number=1)
        new = service.add_backup(number=2)
        listed = self.openstack('backup', 'list', '-f', 'json').json
        self.assertEqual([new, old], [each['ID'] for each in listed])

    def test_the_nodes_of_a_set_are_in_a_row(self):
        base.add_set()
        listed = self.openstack('backup', 'list', '-f', 'value', '-c', 'Node')
        self.assertEqual(list(conductor.NODES), listed.out.split())

    def test_a_table_is_for_people_and_json_for_programs(self):
        service.add_backup(size_bytes=310 * 2 ** 20)
        listed = self.openstack('backup', 'list')
        self.assertIn('| 310 MiB |', listed.out)
        listed = self.openstack('backup', 'list', '-f', 'json')
        self.assertEqual(310 * 2 ** 20, listed.json[0]['Size'])

    def test_every_format_can_be_had(self):
        id = service.add_backup(outage_seconds=2.5, verified_at=None)
        long = ('backup', 'list', '--long', '-f')
        self.assertEqual(id, self.openstack(*long, 'value').out.split()[0])
        rows = list(csv.DictReader(
            self.openstack(*long, 'csv').out.splitlines()))
        self.assertEqual(('2.5', 'None'),
                         (rows[0]['Outage'], rows[0]['Verified At']))
        for words in (('list', '--long', '-c', 'Verified At'),
                      ('show', id, '-c', 'verified_at')):
            self.assertEqual('None\n', self.openstack(
                'backup', *words, '-f', 'value').out)
        listed = yaml.safe_load(self.openstack(*long, 'yaml').out)
        self.assertIs(False, listed[0]['Stop All'])
        self.assertIsNone(listed[0]['Verified At'])
        shown = self.openstack('backup', 'show', id, '-f', 'shell').out
        self.assertIn('name="nightly"', shown)

    def test_all_pages_are_read(self):
        ids = {service.add_backup(number=number) for number in range(5)}
        listed = self.openstack('backup', 'list', '-f', 'json').json
        self.assertEqual(ids, {each['ID'] for each in listed})

    def test_a_limit_and_a_marker_choose_a_part(self):
        ids = [service.add_backup(number=number) for number in range(5)]
        listed = self.openstack('backup', 'list', '-f', 'json',
                                '--limit', '3', '--marker', ids[4]).json
        self.assertEqual(ids[3:0:-1], [each['ID'] for each in listed])

    def test_a_limit_of_nothing_is_refused(self):
        lines = self.refused('backup', 'list', '--limit', '0')
        self.assertIn('Option --limit: ', lines[0])

    def test_a_list_can_be_sorted_by_the_service(self):
        for name in ('b', 'c', 'a'):
            service.add_backup(name=name)
        listed = self.openstack('backup', 'list', '--sort', 'name:asc', '-f',
                                'value', '-c', 'Name')
        self.assertEqual(['a', 'b', 'c'], listed.out.split())

    def test_an_unknown_key_to_sort_by_is_refused_with_those_there_are(self):
        lines = self.refused('backup', 'list', '--sort', 'moon')
        self.assertIn('creation_date', lines[0])

    def test_each_filter_filters(self):
        one = {'target': 'undercloud', 'node': 'undercloud-0',
               'status': 'error', 'name': 'weekly'}
        wanted = service.add_backup(set_id=base.SET, **one)
        service.add_backup()
        for option, value in {**one, 'set': base.SET}.items():
            listed = self.openstack('backup', 'list', '--' + option, value,
                                    '-f', 'value', '-c', 'ID')
            self.assertEqual([wanted], listed.out.split(), option)

    def test_a_target_lists_its_own(self):
        over = service.add_backup()
        under = service.add_backup(target='undercloud', node='undercloud-0')
        for target, id in (('overcloud', over), ('undercloud', under)):
            listed = self.openstack(target, 'backup', 'list', '-f', 'json')
            self.assertEqual([id], [each['ID'] for each in listed.json])


class ShowTest(base.ShellTestCase):
    def test_a_backup_is_shown_by_its_id(self):
        id = service.add_backup(files=200000)
        self.assertIn('9.3 GiB', self.openstack('backup', 'show', id).out)
        shown = self.openstack('backup', 'show', id, '-f', 'json').json
        self.assertEqual((id, 200000, 10 ** 10),
                         (shown['id'], shown['files'], shown['size_bytes']))
        self.assertNotIn('links', shown)

    def test_a_backup_is_shown_by_a_name_that_no_other_has(self):
        service.add_backup()
        id = service.add_backup(name='before the update')
        shown = self.openstack('backup', 'show', 'before the update', '-f',
                               'value', '-c', 'id')
        self.assertEqual(id, shown.out.strip())

    def test_a_name_that_several_have_is_answered_with_their_ids(self):
        ids = base.add_set(name='nightly')
        lines = self.refused('backup', 'show', 'nightly')
        self.assertEqual('3 backups are called nightly.', lines[0])
        self.assertEqual(set(ids), {line.split()[0] for line in lines[2:]})

    def test_a_set_of_one_backup_stands_for_it(self):
        id = service.add_backup(target='undercloud', set_id=base.SET)
        shown = self.openstack('undercloud', 'backup', 'show', base.SET, '-f',
                               'json')
        self.assertEqual(id, shown.json['id'])

    def test_a_backup_of_the_other_target_is_not_shown(self):
        id = service.add_backup(target='undercloud')
        lines = self.refused('overcloud', 'backup', 'show', id)
        self.assertIn('is of the target undercloud, not of overcloud',
                      lines[0])

    def test_a_name_of_the_other_target_does_not_count(self):
        service.add_backup(target='undercloud')
        id = service.add_backup()
        shown = self.openstack('overcloud', 'backup', 'show', 'nightly',
                               '-f', 'json')
        self.assertEqual(id, shown.json['id'])

    def test_an_unknown_id_and_an_unknown_name_say_so(self):
        id = str(uuid.uuid4())
        lines = self.refused('backup', 'show', id)
        self.assertEqual(['There is no backup %s.' % id,
                          'List what there is with openstack control plane '
                          'backup list.'],
                         lines[:2])
        self.assertRegex(lines[2], r'^Request id: req-\S+ \(HTTP 404\)$')
        lines = self.refused('overcloud', 'backup', 'show', 'moon')
        self.assertIn('There is no backup with the id or the name moon',
                      lines[0])

    def test_last_is_the_newest_available_one(self):
        service.add_backup(number=1, node='controller-1')
        id = service.add_backup(number=2)
        broken = service.add_backup(number=3, status='error')
        for arguments, wanted in (
                (('backup', 'last'), id),
                (('backup', 'show', 'last'), id),
                (('overcloud', 'backup', 'show', 'last'), id),
                (('backup', 'last', '--target', 'overcloud', '--node',
                  'controller-0'), id),
                (('backup', 'last', '--status', 'error'), broken)):
            shown = self.openstack(*arguments, '-f', 'json')
            self.assertEqual(wanted, shown.json['id'], arguments)

    def test_last_says_when_there_is_none(self):
        lines = self.refused('backup', 'last')
        self.assertEqual('There is no backup with status available.', lines[0])


class CreateTest(base.ShellTestCase):
    def test_a_set_is_asked_for(self):
        asked = self.openstack('overcloud', 'backup', 'create', '-f', 'json')
        job = asked.json
        self.assertEqual(list(conductor.NODES), job['nodes'])
        self.assertEqual([row.id for row in backups.by_set(job['id'])],
                         job['backups'])
        self.assertEqual({'stopall': False}, jobs.get(job['id']).options)
        self.assertEqual(
            ['Watch it with:  openstack control plane backup job log --follow '
             + job['id'],
             'Cancel it with: openstack control plane backup job cancel '
             + job['id']],
            asked.err.splitlines()[-2:])

    def test_the_job_is_shown_as_a_table_and_as_csv(self):
        asked = self.openstack('undercloud', 'backup', 'create')
        self.assertIn('| state   | queued ', asked.out)
        asked = self.openstack('overcloud', 'backup', 'create', '-f', 'csv',
                               '-c', 'id', '-c', 'state')
        self.assertRegex(asked.out, '^"id","state"\n"[^"]*","queued"\n$')

    def test_options_reach_the_job(self):
        asked = self.openstack('backup', 'create', 'overcloud', '--stop-all',
                               '--name', 'before the update', '-f', 'json')
        self.assertEqual({'stopall': True},
                         jobs.get(asked.json['id']).options)
        self.assertEqual({'before the update'}, {
            row.name for row in backups.by_set(asked.json['id'])})

    def test_services_are_left_running_when_told_so(self):
        asked = self.openstack('overcloud', 'backup', 'create',
                               '--no-stop-all', '-f', 'value', '-c', 'id')
        self.assertEqual({'stopall': False},
                         jobs.get(asked.out.strip()).options)

    def test_the_undercloud_can_rest_too(self):
        asked = self.openstack('undercloud', 'backup', 'create',
                               '--stop-all', '-f', 'value', '-c', 'id')
        self.assertEqual({'stopall': True},
                         jobs.get(asked.out.strip()).options)

    def test_a_busy_target_names_the_job_and_how_to_cancel_it(self):
        id = self.openstack('overcloud', 'backup', 'create', '-f',
                            'json').json['id']
        lines = self.refused('overcloud', 'backup', 'create')
        self.assertIn('Job %s is at work' % id, lines[0])
        self.assertIn('openstack control plane backup job cancel ' + id,
                      lines[1])

    def test_a_bad_target_is_refused_before_anything_is_asked(self):
        lines = self.refused('backup', 'create', 'moon', code=2,
                             OS_ENDPOINT='http://127.0.0.1:1')
        self.assertIn("'moon' (choose from", lines[-1])

    def test_a_timeout_needs_something_to_wait_for(self):
        lines = self.refused('overcloud', 'backup', 'create', '--timeout',
                             '5')
        self.assertIn('goes with --wait', lines[0])
        self.assertEqual([], jobs.queued())
