# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup undelete, and the trash in other commands"""
import datetime
import uuid

from baas.db import backups
from baas.db import jobs
from baas.tests import fixtures as service
from baasclient.tests import base
from baasclient.tests import conductor

BACKUP = ('control', 'plane', 'backup')
UNDELETE = BACKUP + ('undelete',)
TRASHED = {'status': 'trashed', 'trashed_status': 'available',
           'purge_at': datetime.datetime(2999, 1, 1)}


class TrashTest(base.ShellTestCase):
    options = {('storage', 'delete_delay'): '3d'}

    def statuses(self, id=base.SET):
        return [row.status for row in backups.by_set(id)]

    def test_a_delete_tells_until_when_it_can_be_had_back_and_how(self):
        id = service.add_backup()
        asked = self.openstack('overcloud', 'backup', 'delete', id, '--wait')
        self.assertEqual('', asked.out)
        row = backups.get(id)
        self.assertEqual(
            ['Backup %s is in the trash until %sZ.' % (
                id, row.purge_at.isoformat()),
             'Have it back with: openstack control plane backup undelete '
             + id], asked.err.splitlines())
        self.openstack(*asked.err.split('openstack ')[1].split())
        self.assertEqual('available', backups.get(id).status)

    def test_how_it_goes_at_once_is_said_as_a_command_has_it(self):
        id = service.add_backup(**TRASHED)
        lines = self.refused('overcloud', 'backup', 'delete', id)
        self.assertIn('delete it with --purge', ' '.join(lines))

    def test_a_set_is_moved_there_without_waiting(self):
        base.add_set()
        self.openstack('overcloud', 'backup', 'delete', '--set', base.SET)
        self.assertEqual(['trashed'] * 3, self.statuses())
        self.assertEqual([], jobs.queued())

    def test_lists_show_it_only_where_they_are_asked_to(self):
        base.add_set(**TRASHED)
        other = service.add_backup()
        self.assertEqual([other], [
            one['ID'] for one in self.openstack(
                'overcloud', 'backup', 'list', '-f', 'json').json])
        for more in (('--trash',), ('--status', 'trashed')):
            listed = self.openstack(*BACKUP, 'list', *more, '-f',
                                    'json').json
            self.assertEqual({row.id for row in backups.by_set(base.SET)},
                             {one['ID'] for one in listed})
            self.assertEqual({'2999-01-01T00:00:00.000Z'},
                             {one['Purge At'] for one in listed})
        self.assertEqual([], self.openstack(
            'undercloud', 'backup', 'list', '--trash', '-f', 'json').json)

    def test_several_are_had_back(self):
        ids = base.add_set(**TRASHED)
        back = self.openstack(*UNDELETE, *ids[:2], '-f', 'json').json
        self.assertEqual([(ids[0], 'available'), (ids[1], 'available')],
                         [(one['ID'], one['Status']) for one in back])
        self.assertEqual(['available', 'available', 'trashed'],
                         self.statuses())

    def test_a_whole_set_is_had_back(self):
        base.add_set(**TRASHED)
        back = self.openstack('overcloud', 'backup', 'undelete', '--set',
                              base.SET)
        self.assertEqual(3, back.out.count(' available '))
        self.assertEqual(['available'] * 3, self.statuses())

    def test_or_nothing_of_it(self):
        ids = base.add_set(**TRASHED)
        self.assertTrue(backups.move(ids[1], 'delete'))
        lines = self.refused('backup', 'undelete', '--set', base.SET)
        self.assertIn('Backup %s is being removed for good, and some of it '
                      'may be gone.' % ids[1], lines[0])
        self.assertEqual(['trashed', 'deleting', 'trashed'],
                         self.statuses())

    def test_one_is_had_back_by_a_name_that_no_other_there_has(self):
        id = service.add_backup(name='old', **TRASHED)
        service.add_backup(name='old')
        self.openstack(*UNDELETE, 'old')
        self.assertEqual('available', backups.get(id).status)

    def test_one_that_cannot_be_had_back_keeps_no_other(self):
        id, unknown = service.add_backup(**TRASHED), str(uuid.uuid4())
        there = service.add_backup()
        ended = self.openstack(*UNDELETE, unknown, there, id, code=1)
        self.assertIn('There is no backup %s.' % unknown, ended.err)
        self.assertIn('its time there was over', ended.err)
        self.assertIn('Backup %s is available, and not in the trash.' % there,
                      ended.err)
        self.assertIn('openstack control plane backup list --trash',
                      ended.err)
        self.assertIn(id, ended.out)
        self.assertEqual('available', backups.get(id).status)

    def test_one_of_the_other_target_stays_there(self):
        id = service.add_backup(target='undercloud', **TRASHED)
        self.assertIn('is of the target undercloud', self.refused(
            'overcloud', 'backup', 'undelete', id)[0])
        self.assertEqual('trashed', backups.get(id).status)
        self.openstack('undercloud', 'backup', 'undelete', id)
        self.assertEqual('available', backups.get(id).status)

    def test_nothing_named_is_an_error(self):
        self.assertIn('No backup is named.', self.refused(*UNDELETE))
        self.assertIn('Nothing of a set', self.refused(
            *UNDELETE, '--set', base.SET)[0])

    def test_a_set_is_deleted_at_once_with_what_is_in_the_trash(self):
        ids = base.add_set()
        self.openstack('backup', 'delete', ids[0])
        running = self.start('backup', 'delete', '--set', base.SET,
                             '--purge', '--wait')
        for _each in range(3):
            work = conductor.Work(conductor.queued())
            work.run('delete')
            backups.delete(jobs.get(work.id).backup_id)
            work.finish()
        ended = running.finish()
        self.assertEqual(0, ended.code, ended.err)
        self.assertEqual([], backups.by_set(base.SET))

    def test_a_restore_of_it_says_how_to_have_it_back(self):
        id = service.add_backup(**TRASHED)
        lines = self.refused('restore', 'create', id, 'controller-0')
        self.assertIn('Backup %s is in the trash.' % id, lines[0])
        self.assertIn('openstack control plane backup undelete %s first' % id,
                      lines[1])

    def test_the_last_set_is_one_of_which_nothing_is_there(self):
        base.add_set(number=7)
        whole = str(uuid.uuid4())
        for node in conductor.NODES:
            service.add_backup(node=node, set_id=whole)
        self.openstack('backup', 'delete', backups.by_set(base.SET)[0].id)
        self.openstack('restore', 'create', '--set', 'last')
        self.assertEqual(whole, jobs.get(conductor.queued()).options[
            'set_id'])


class CleanUpTest(base.ShellTestCase):

    def test_the_preview_says_what_is_in_the_trash(self):
        service.add_cleanup(keep_last=1)
        base.add_set(**TRASHED)
        service.add_backup()
        shown = self.openstack(*BACKUP, 'cleanup', 'preview', 'overcloud',
                               '-f', 'json').json
        reasons = {one['Set ID']: (one['Stays'], one['Reasons'])
                   for one in shown}
        self.assertEqual(
            (False, ['it is in the trash until 2999-01-01T00:00:00Z']),
            reasons[base.SET])
