# SPDX-License-Identifier: Apache-2.0
import pathlib
import tempfile
import unittest

from baas.runner import listing
from baas.runner import untargeted
from baas.tests import fixtures

INVENTORY = '''
all:
  children:
    Undercloud: {hosts: {undercloud-0: {}}}
    Controller: {hosts: {controller-0: {}}}
    Compute: {hosts: {compute-0: {}, compute-1: {}}}
    Ceph: {hosts: {compute-1: {}}}
    allovercloud: {children: {Controller: {}, Compute: {}}}
  hosts: {stray: {}}
'''


class StrangersTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / 'inventory.yaml'
        service = fixtures.BaasFixture(
            auth='noauth', options={('runner', 'inventory'): str(self.path)})
        self.path.write_text(INVENTORY)
        service.setUp()
        self.addCleanup(service.cleanUp)

    def test_machines_of_no_target_are_named_with_the_groups_they_are_in(self):
        self.assertEqual({'compute-0': ['Compute'],
                          'compute-1': ['Ceph', 'Compute'], 'stray': []},
                         untargeted.machines())

    def test_an_inventory_that_cannot_be_read_is_an_error(self):
        self.path.write_text('[broken')
        with self.assertRaises(listing.InventoryError):
            untargeted.machines()
