# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup verify"""
from baas.db import jobs
from baas.tests import fixtures as service
from baasclient.tests import base
from baasclient.tests import conductor

DAMAGES = [{'node': 'controller-0', 'object': 'controller-0/restic/data/ab/ab',
            'what': 'is gone', 'files': ['/etc/hosts']}]


class VerifyTest(base.ShellTestCase):

    def test_a_verification_is_asked_for(self):
        id = service.add_backup()
        asked = self.openstack('control', 'plane', 'backup', 'verify', id,
                               '-f', 'json').json
        self.assertEqual((conductor.queued(), 'verify', 'queued'),
                         (asked['id'], asked['kind'], asked['state']))
        self.assertEqual({'share': 1.0}, jobs.get(asked['id']).options)

    def test_a_share_is_asked_for_and_waited_for(self):
        id = service.add_backup(name='nightly')
        running = self.start('backup', 'verify', 'nightly', '--share', '5%',
                             '--wait', '-f', 'json')
        work = conductor.Work(conductor.queued())
        work.run('check', 'read', 'release')
        work.finish()
        self.assertEqual('done', running.finish().json['state'])
        row = jobs.get(work.id)
        self.assertEqual((id, {'share': 0.05}), (row.backup_id, row.options))

    def test_it_fails_as_its_job_does(self):
        running = self.start('backup', 'verify', service.add_backup(),
                             '--wait')
        work = conductor.Work(conductor.queued())
        work.run('check')
        work.fail('read', 'controller-0', 'Backup 1 is damaged.', 'Heal it.')
        ended = running.finish()
        self.assertEqual(1, ended.code)
        self.assertIn('Backup 1 is damaged.', ended.err)

    def test_a_share_that_is_none_is_refused_by_name(self):
        lines = self.refused('backup', 'verify', service.add_backup(),
                             '--share', '101%')
        self.assertIn('Option --share: must be more than 0%', lines[0])

    def test_a_spot_check_is_asked_for(self):
        id = service.add_backup()
        asked = self.openstack('control', 'plane', 'backup', 'spot', 'check',
                               id, '--share', '1/1000', '-f', 'json').json
        self.assertEqual('spotcheck', asked['kind'])
        self.assertEqual(
            (id, 'controller-0', {'share': 0.001}),
            (lambda row: (row.backup_id, row.node, row.options))(
                jobs.get(asked['id'])))

    def test_damage_is_shown_by_node_object_and_file(self):
        id = service.add_backup(status='error', damages=DAMAGES,
                                error='Verification found damage.')
        shown = self.openstack('backup', 'show', id)
        self.assertIn('controller-0: controller-0/restic/data/ab/ab is gone '
                      '(/etc/hosts)', shown.out)
        self.assertEqual(DAMAGES, self.openstack(
            'backup', 'show', id, '-f', 'json').json['damages'])
