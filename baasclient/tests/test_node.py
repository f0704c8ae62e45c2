# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup node ..."""
from baas.tests import fixtures as service
from baasclient.tests import base


class NodeTest(base.ShellTestCase):
    def test_nodes_are_listed_with_all_their_ids(self):
        listed = self.openstack('backup', 'node', 'list')
        self.assertIn('| controller-0 | overcloud ', listed.out)
        listed = self.openstack('backup', 'node', 'list', '-f', 'json').json
        self.assertIn({'Name': 'undercloud-0', 'Target': 'undercloud',
                       'Bare Metal UUID': service.BAREMETAL['undercloud-0'],
                       'Bare Metal Name': 'metal-undercloud-0',
                       'Instance UUID': None, 'Problem': None}, listed)

    def test_nodes_of_one_target_can_be_listed(self):
        listed = self.openstack('backup', 'node', 'list', '--target',
                                'undercloud', '-f', 'value', '-c', 'Name')
        self.assertEqual('undercloud-0\n', listed.out)


class PagedNodeTest(base.ShellTestCase):
    options = {('api', 'max_limit'): 1}

    def test_all_pages_of_nodes_are_read(self):
        listed = self.openstack('backup', 'node', 'list', '-f', 'json').json
        self.assertEqual(len(service.NODES), len(listed))
