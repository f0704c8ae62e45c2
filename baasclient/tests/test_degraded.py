# SPDX-License-Identifier: Apache-2.0
"""--allow-degraded, and how sets without some nodes are shown."""
from baas.db import backups
from baas.db import jobs
from baas.tests import fixtures as service
from baasclient.tests import base
from baasclient.tests import conductor


class DegradedTest(base.ShellTestCase):

    def test_every_command_that_takes_a_backup_can_allow_it(self):
        for command in (('overcloud', 'backup', 'create'),
                        ('undercloud', 'backup', 'create'),
                        ('control', 'plane', 'backup', 'create',
                         'overcloud')):
            with self.subTest(command):
                asked = self.openstack(*command, '--allow-degraded', '-f',
                                       'json').json
                self.assertEqual({'stopall': False, 'allow_degraded': True},
                                 jobs.get(asked['id']).options)
                self.openstack('backup', 'job', 'cancel', asked['id'])

    def test_such_a_set_is_marked_for_people_and_not_for_programs(self):
        id = service.add_backup(missing_nodes=['controller-2'])
        whole = service.add_backup(number=1)
        self.assertRegex(self.openstack('backup', 'list').out,
                         r'\| available +\|.*\n.*\| available \(degraded\) ')
        listed = self.openstack('backup', 'list', '--long', '-f', 'json')
        self.assertEqual(
            [(whole, 'available', None), (id, 'available', ['controller-2'])],
            [(one['ID'], one['Status'], one['Missing Nodes'])
             for one in listed.json])

    def test_a_backup_shows_the_nodes_that_its_set_lacks(self):
        id = service.add_backup(missing_nodes=['controller-1',
                                               'controller-2'])
        shown = self.openstack('backup', 'show', id)
        self.assertRegex(shown.out, r'\| missing_nodes +\| controller-1 ')
        self.assertRegex(shown.out, r'\| status +\| available ')

    def test_a_set_that_lacks_a_node_is_not_restored_as_one(self):
        ids = base.add_set(missing_nodes=['controller-9'])
        lines = self.refused('restore', 'create', '--set', base.SET)
        self.assertIn('is degraded: it was taken without controller-9',
                      ' '.join(lines))
        self.assertEqual(len(conductor.NODES), len(ids))
        self.assertEqual([], jobs.page())
        self.assertEqual({'available'}, {
            row.status for row in backups.by_set(base.SET)})

    def test_the_last_set_is_the_newest_that_lacks_no_node(self):
        base.add_set()
        service.add_backup(number=1, missing_nodes=['controller-2'])
        asked = self.openstack('restore', 'create', '--set', 'last', '-f',
                               'json').json
        self.assertEqual(base.SET, asked['set_id'])
