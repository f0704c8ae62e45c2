# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup delete and openstack overcloud|undercloud
backup delete"""
import time
import uuid

from baas.db import backups
from baas.db import jobs
from baas.tests import fixtures as service
from baasclient.tests import base
from baasclient.tests import conductor


class DeleteTest(base.ShellTestCase):
    def work(self, running, number):
        """Delete so many backups, as a conductor would."""
        for _each in range(number):
            work = conductor.Work(conductor.queued())
            work.run('delete')
            # Long enough for a command that does not wait to be refused.
            time.sleep(0.5)
            backups.delete(jobs.get(work.id).backup_id)
            work.finish()
        return running.finish()

    def test_a_delete_is_asked_for(self):
        id = service.add_backup()
        asked = self.openstack('overcloud', 'backup', 'delete', id)
        self.assertEqual('', asked.out)
        self.assertEqual('deleting', backups.get(id).status)
        self.assertIn('openstack control plane backup job log --follow '
                      + jobs.queued()[0], asked.err)
        self.assertNotIn('Cancel', asked.err)

    def test_many_are_deleted_one_after_another(self):
        ids = base.add_set()
        ended = self.work(self.start('backup', 'delete', *ids, '--wait'), 3)
        self.assertEqual(0, ended.code, ended.err)
        self.assertEqual([], backups.by_set(base.SET))

    def test_the_last_of_many_is_not_waited_for(self):
        ids = base.add_set()
        ended = self.work(self.start('backup', 'delete', *ids), 2)
        self.assertEqual(0, ended.code, ended.err)
        self.assertEqual([ids[2]],
                         [row.id for row in backups.by_set(base.SET)])

    def test_a_whole_set_is_deleted(self):
        base.add_set()
        other = service.add_backup()
        ended = self.work(self.start('overcloud', 'backup', 'delete',
                                     '--set', base.SET, '--wait'), 3)
        self.assertEqual(0, ended.code, ended.err)
        self.assertEqual([other], [row.id for row in backups.page()])

    def test_one_that_cannot_be_deleted_does_not_keep_the_others(self):
        id, unknown = service.add_backup(), str(uuid.uuid4())
        running = self.start('backup', 'delete', unknown, id, '--wait')
        ended = self.work(running, 1)
        self.assertEqual(1, ended.code)
        self.assertIn('There is no backup %s.' % unknown, ended.err)
        self.assertIn('1 of 2 backups could not be deleted.', ended.err)
        self.assertEqual([], backups.page())

    def test_one_of_the_other_target_is_not_deleted(self):
        id = service.add_backup(target='undercloud')
        lines = self.refused('overcloud', 'backup', 'delete', id)
        self.assertIn('is of the target undercloud', lines[0])
        self.assertEqual(2, len(lines), lines)

    def test_one_that_is_protected_is_told_by_which_command_it_goes(self):
        id = service.add_backup(protected=True)
        lines = self.refused('backup', 'delete', id)
        self.assertRegex(
            lines[1], 'Run openstack control plane backup unprotect .* first')
        self.assertNotIn('could not be deleted', '\n'.join(lines))
        self.assertEqual('available', backups.get(id).status)

    def test_the_last_one_is_not_deleted_by_that_word(self):
        id = service.add_backup()
        self.refused('backup', 'delete', 'last')
        self.assertEqual('available', backups.get(id).status)

    def test_nothing_named_is_an_error(self):
        self.assertIn('No backup is named.', self.refused('backup', 'delete'))
        lines = self.refused('backup', 'delete', '--set', base.SET)
        self.assertIn('There is no set', lines[0])
