# SPDX-License-Identifier: Apache-2.0
"""When an inventory is read anew."""
import os

from baas.runner import inventory_files
from baas.runner import listing
from baas.runner import untargeted
from baas.tests.unit.runner import test_inventory

ONE = 'Controller: {hosts: {a: {ansible_host: 192.0.2.1}}}\n'


class VersionTest(test_inventory.InventoryTest):

    def setUp(self):
        super().setUp()
        self.read = []
        self.addCleanup(setattr, listing, 'listed', listing.listed)
        reading = listing.listed
        listing.listed = lambda *args: self.read.append(1) or reading(*args)

    def test_files_that_stay_the_same_are_read_once_for_all_questions(self):
        self.place(ONE)
        for _ in range(3):
            self.assertEqual(['a'], self.names())
        self.assertEqual({}, untargeted.machines(self.conf))
        self.assertEqual(1, len(self.read))

    def test_a_file_that_has_changed_is_read_at_once(self):
        path = self.place(ONE)
        self.names()
        path.write_text(ONE.replace('{a:', '{b:'))
        self.assertEqual(['b'], self.names())

    def test_so_is_one_that_was_put_in_its_place(self):
        path = self.place(ONE)
        self.names()
        os.replace(self.place(ONE.replace('{a:', '{b:'), 'new'), path)
        self.use(path)
        self.assertEqual(['b'], self.names())

    def test_variables_beside_it_are_a_part_of_it(self):
        self.place(ONE.replace('{ansible_host: 192.0.2.1}', ''))
        self.assertEqual('a', self.nodes()[0].address)
        (self.folder / 'host_vars').mkdir()
        (self.folder / 'host_vars/a').write_text('ansible_host: 192.0.2.9\n')
        self.assertEqual('192.0.2.9', self.nodes()[0].address)

    def test_what_may_change_without_its_files_has_no_version(self):
        for text in ('plugin: openstack.cloud.openstack\n',
                     '---\n# ours\nplugin : constructed\n',
                     'a: {hosts: {b: {c: "{{ lookup(\'pipe\', \'d\') }}"}}}',
                     'a:\n  hosts: {% for one in two %}\n'):
            with self.subTest(text):
                self.assertIsNone(inventory_files.version(self.place(text)))
        self.place('#!/bin/sh\n', 'script').chmod(0o755)
        self.assertIsNone(inventory_files.version(self.folder / 'script'))
        self.assertIsNone(inventory_files.version(self.folder / 'missing'))

    def test_a_folder_with_a_script_has_none(self):
        (self.folder / 'all').mkdir()
        self.place(ONE, 'all/hosts.yaml')
        self.assertTrue(inventory_files.version(self.folder / 'all'))
        self.place('#!/bin/sh\n', 'all/script').chmod(0o755)
        self.assertIsNone(inventory_files.version(self.folder / 'all'))
