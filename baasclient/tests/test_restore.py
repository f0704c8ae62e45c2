# SPDX-License-Identifier: Apache-2.0
"""openstack restore ..."""
import uuid

from baas.db import jobs
from baas.tests import fixtures as service
from baasclient import refusal
from baasclient.tests import base
from baasclient.tests import conductor


def add_restore(**columns):
    """Write a restore that is over; give its id."""
    return service.add_job(**{'kind': 'restore', 'node': 'controller-0',
                              'backup_id': str(uuid.uuid4()), **columns})


class RestoreTest(base.ShellTestCase):
    def test_a_restore_is_asked_for(self):
        id = service.add_backup()
        asked = self.openstack('restore', 'create', id, 'controller-0')
        self.assertIn('| status        | queued', asked.out)
        self.assertIn('openstack control plane backup job log --follow '
                      + jobs.queued()[0], asked.err)

    def test_a_node_may_be_given_by_its_bare_metal_id(self):
        id = service.add_backup()
        asked = self.openstack('restore', 'create', id,
                               service.BAREMETAL['controller-0'], '-f',
                               'json').json
        self.assertEqual((id, 'controller-0', 'queued'), (
            asked['backup_id'], asked['node'], asked['status']))

    def test_last_is_the_newest_available_backup_of_the_node(self):
        service.add_backup(number=1)
        id = service.add_backup(number=2)
        service.add_backup(number=3, node='controller-1')
        service.add_backup(number=4, status='error')
        asked = self.openstack('restore', 'create', 'last',
                               'metal-controller-0', '-f', 'json')
        self.assertEqual(id, asked.json['backup_id'])

    def test_of_a_name_or_a_set_the_backup_of_the_node_is_meant(self):
        set_id = str(uuid.uuid4())
        ids = [service.add_backup(node=node, set_id=set_id, name='weekly')
               for node in conductor.NODES]
        asked = self.openstack('restore', 'create', 'weekly', 'controller-1',
                               '-f', 'json').json
        self.assertEqual(ids[1], asked['backup_id'])
        jobs.move(asked['id'], 'cancel')
        asked = self.openstack('restore', 'create', set_id, 'controller-2',
                               '-f', 'json').json
        self.assertEqual(ids[2], asked['backup_id'])

    def test_a_backup_of_another_node_is_refused(self):
        id = service.add_backup(node='controller-1')
        lines = self.refused('restore', 'create', id, 'controller-0')
        self.assertIn('is of the node controller-1, not of controller-0',
                      lines[0])
        self.assertEqual([], jobs.queued())

    def test_that_it_is_meant_must_be_said_in_words(self):
        id = service.add_backup(node='controller-1')
        asked = self.openstack(
            'restore', 'create', id, 'controller-0', '--force',
            'other-machine', '--force', 'healthy-member', '-f', 'json').json
        self.assertEqual((id, 'controller-0'), (asked['backup_id'],
                                                asked['node']))
        self.assertEqual(['healthy-member', 'other-machine'],
                         jobs.get(asked['id']).options['force'])

    def test_hints_to_do_it_all_the_same_name_the_option(self):
        self.assertEqual('Say so with --force healthy-member.',
                         refusal.hint('Say so with force=healthy-member.'))

    def test_words_that_nobody_knows_are_refused(self):
        lines = self.refused('restore', 'create', 'last', 'controller-0',
                             '--force', 'yes', code=2)
        self.assertIn("invalid choice: 'yes'", ' '.join(lines))

    def test_an_unknown_node_is_refused(self):
        lines = self.refused('restore', 'create', 'last', 'moon')
        self.assertEqual(['There is no node moon.', 'List what there is with '
                          'openstack control plane backup node list.'],
                         lines[:2])

    def add_set(self, nodes=conductor.NODES, **columns):
        """Write the backups of a set; give its id."""
        set_id = str(uuid.uuid4())
        for node in nodes:
            service.add_backup(**{'node': node, 'set_id': set_id, **columns})
        return set_id

    def test_a_whole_set_is_asked_for(self):
        set_id = self.add_set()
        asked = self.openstack('restore', 'create', '--set', set_id, '-f',
                               'json').json
        self.assertEqual((set_id, None, None, 'queued'), (
            asked['set_id'], asked['backup_id'], asked['node'],
            asked['status']))
        listed = self.openstack('restore', 'list', '-f', 'json').json
        self.assertEqual([set_id], [each['Set ID'] for each in listed])

    def test_a_set_may_be_given_by_the_name_of_its_backups(self):
        set_id = self.add_set(name='weekly')
        asked = self.openstack('restore', 'create', '--set', 'weekly', '-f',
                               'json').json
        self.assertEqual(set_id, asked['set_id'])

    def test_last_is_the_newest_set_of_which_all_is_available(self):
        self.add_set(number=1)
        set_id = self.add_set(number=2)
        broken = self.add_set(number=3, nodes=conductor.NODES[:2])
        service.add_backup(set_id=broken, number=3, node='controller-2',
                           status='error')
        asked = self.openstack('restore', 'create', '--set', 'last', '-f',
                               'json').json
        self.assertEqual(set_id, asked['set_id'])

    def test_a_name_of_two_sets_is_refused(self):
        ids = [self.add_set(), self.add_set()]
        lines = self.refused('restore', 'create', '--set', 'nightly')
        self.assertEqual('2 sets are called nightly.', lines[0])
        self.assertEqual(sorted(ids), sorted(
            line.strip() for line in lines[2:4]))

    def test_a_set_that_is_not_there_is_refused(self):
        self.assertIn('no set of the overcloud', self.refused(
            'restore', 'create', '--set', 'last')[0])
        self.assertEqual('There is no set that is called weekly.',
                         self.refused('restore', 'create', '--set',
                                      'weekly')[0])
        id = str(uuid.uuid4())
        self.assertEqual('There is no set %s.' % id, self.refused(
            'restore', 'create', '--set', id)[0])

    def test_a_set_with_a_node_and_a_backup_without_one_are_refused(self):
        set_id = self.add_set()
        for words in ((), ('last',), ('last', 'controller-0', '--set',
                                      set_id)):
            lines = self.refused('restore', 'create', *words)
            self.assertIn('a backup and its node, or a whole set', lines[0])
        self.assertEqual([], jobs.queued())

    def test_a_restore_that_is_waited_for_shows_its_end(self):
        service.add_backup()
        running = self.start('restore', 'create', 'last', 'controller-0',
                             '--wait', '-f', 'json')
        work = conductor.Work(conductor.queued())
        work.begin('plan')
        jobs.move(work.id, 'finish', epoch=1)
        ended = running.finish()
        self.assertEqual(0, ended.code, ended.err)
        self.assertEqual('done', ended.json['status'])

    def test_a_restore_that_fails_is_shown_and_fails_the_command(self):
        service.add_backup()
        running = self.start('restore', 'create', 'last', 'controller-0',
                             '--wait', '-f', 'json')
        work = conductor.Work(conductor.queued())
        work.begin('plan')
        work.fail('plan', 'controller-0', 'The disk is too small.',
                  'Restore onto a larger one.')
        ended = running.finish()
        self.assertEqual(1, ended.code)
        self.assertEqual('error', ended.json['status'])
        self.assertIn('failed on controller-0 in step plan: The disk is too '
                      'small.\nRestore onto a larger one.\n', ended.err)

    def test_restores_are_listed_and_filtered(self):
        id = add_restore(number=2)
        other = add_restore(number=1, target='undercloud', state='error',
                            node='undercloud-0')
        service.add_job(number=3)
        listed = self.openstack('restore', 'list')
        self.assertLess(listed.out.index(id), listed.out.index(other))
        backup = jobs.get(other).backup_id
        for option, value in (('target', 'undercloud'), ('status', 'error'),
                              ('node', 'undercloud-0'), ('backup', backup)):
            listed = self.openstack('restore', 'list', '--' + option, value,
                                    '-f', 'json').json
            self.assertEqual([other], [each['ID'] for each in listed])

    def test_those_of_a_node_have_those_of_its_sets_among_them(self):
        set_id = self.add_set()
        asked = self.openstack('restore', 'create', '--set', set_id, '-f',
                               'json').json['id']
        for words in (('list', '-c', 'ID'), ('last', '-c', 'id')):
            shown = self.openstack('restore', *words, '--node',
                                   'controller-2', '-f', 'value')
            self.assertEqual([asked], shown.out.split())

    def test_a_restore_is_shown(self):
        id = add_restore(state='error', error_node='controller-0',
                         error_step='boot', error_cause='It hangs.',
                         error_hint='Look at its console.')
        shown = self.openstack('restore', 'show', id)
        self.assertIn('on controller-0 in step boot: It hangs.', shown.out)
        shown = self.openstack('restore', 'show', id, '-f', 'json').json
        self.assertEqual({'node': 'controller-0', 'step': 'boot',
                          'cause': 'It hangs.',
                          'hint': 'Look at its console.'}, shown['error'])

    def test_the_last_restore_is_shown(self):
        id = add_restore(number=2)
        failed = add_restore(number=1, state='error')
        shown = self.openstack('restore', 'last', '-f', 'json')
        self.assertEqual(id, shown.json['id'])
        shown = self.openstack('restore', 'last', '--status', 'error', '-f',
                               'json')
        self.assertEqual(failed, shown.json['id'])
