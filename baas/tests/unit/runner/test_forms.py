# SPDX-License-Identifier: Apache-2.0
"""Inventories as they are written by others: the real ansible-inventory reads
each."""
import os
import subprocess

from baas import runner
from baas.runner import groups
from baas.runner import inventory
from baas.runner import listing
from baas.runner.review import report
from baas.tests.unit.runner import test_inventory

SAMPLES = test_inventory.SAMPLES
SECRET = 'not-to-be-seen'


class FormsTest(test_inventory.InventoryTest):
    """What is understood of a sample: of each node its name, how it is
    reached, its bare metal ids, and whether a job may touch it.

    How they are written is known from ``inventory.py`` and ``inventories.py``
    of tripleo-common (static file, groups that have children only, two
    stacks; for Pike, groups of single hosts), ``tripleo_deploy.py`` of
    python-tripleoclient (the undercloud, local), ``ansible/inventory/
    multinode`` of kolla-ansible, and the variable ``physical_host`` of
    openstack-ansible.
    """

    def use(self, path, **targets):
        super().use(path)
        self.targets(**targets)

    def understood(self, target):
        """Give {node: (reached at, ids, usable)} of a target."""
        found = report.read(self.conf, (target,))
        text = repr(found)
        self.assertNotIn(SECRET, text)
        return {
            one.node.name: (str(one), one.node.baremetal_uuid
                            or one.node.baremetal_name,
                            one.node.problem is None)
            for one in found.reached}

    def test_the_static_file_of_tripleo_names_roles_of_stacks(self):
        self.use(SAMPLES / 'tripleo.yaml')
        self.assertEqual(
            {f'prod-controller-{number}':
             (f'tripleo-admin@192.0.2.1{number + 1}', None, True)
             for number in range(3)}, self.understood('overcloud'))
        self.assertEqual(
            {'undercloud': ('-', None, False)},
            {name: ('-', *rest) for name, (_, *rest)
             in self.understood('undercloud').items()})

    def test_the_folder_of_a_stack_has_variables_beside_its_file(self):
        self.use(SAMPLES / 'stack' / 'tripleo-ansible-inventory.yaml')
        self.assertEqual(
            ('tripleo-admin@192.0.2.11',
             '6f1c8f0e-2f55-4a77-9a40-7b0e5c0d2b10', True),
            self.understood('overcloud')['prod-controller-0'])

    def test_the_undercloud_writes_itself_as_local(self):
        text = (SAMPLES / 'undercloud.yaml').read_text()
        self.place(text.replace('192.0.2.1', '127.0.0.1'))
        self.assertEqual({'director': ('local', None, False)},
                         self.understood('undercloud'))
        self.targets(own_machine=['undercloud'])
        self.assertEqual({'director': ('local', None, True)},
                         self.understood('undercloud'))

    def test_kolla_ansible_nests_groups_in_groups(self):
        self.use(SAMPLES / 'multinode', overcloud=['control'],
                 undercloud=['deployment'], own_machine=['undercloud'])
        self.assertEqual(
            {'control01': ('kolla@192.0.2.51', None, True),
             'control02': ('kolla@192.0.2.52', None, True),
             'control03': ('kolla@[192.0.2.53]:2222', None, True)},
            self.understood('overcloud'))
        self.assertEqual({'localhost': ('local', None, True)},
                         self.understood('undercloud'))
        for names in (['nova-api'], ['mariadb'], ['common:!network']):
            self.targets(overcloud=names)
            self.assertEqual(['control01', 'control02', 'control03'],
                             self.names('overcloud'))
        self.targets(own_machine=[])
        self.assertRefused('localhost is the machine that the service itself '
                           'runs on', 'undercloud')

    def test_openstack_ansible_has_containers_among_its_hosts(self):
        self.use(SAMPLES / 'openstack_ansible.py',
                 overcloud=['shared-infra_hosts'], undercloud=[])
        self.assertEqual({'infra1': ('192.0.2.91', None, True)},
                         self.understood('overcloud'))
        self.targets(overcloud=['galera_all'])
        found = report.read(self.conf)
        self.assertIn('is a container on infra1', repr(found.findings))
        self.assertFalse(found.is_usable)

    def test_a_file_by_hand_is_one_in_either_language(self):
        self.use(SAMPLES / 'by_hand.ini')
        self.assertEqual(
            {'node-0': ('backup@192.0.2.81',
                        '6f1c8f0e-2f55-4a77-9a40-7b0e5c0d2b11', True),
             'node-1': ('backup@[192.0.2.82]:2222', None, True),
             '2001:db8::83': ('backup@2001:db8::83', None, True)},
            self.understood('overcloud'))
        self.assertEqual({'director': ('stack@[192.0.2.80]:2022', None, True)},
                         self.understood('undercloud'))
        self.use(SAMPLES / 'by_hand.yaml')
        self.assertEqual(
            {'node-0': ('backup@192.0.2.81', 'rack1-u7', True),
             'node-1': ('backup@[192.0.2.82]:2222', None, True)},
            self.understood('overcloud'))

    def test_a_script_answers_in_json(self):
        self.use(SAMPLES / 'script', undercloud=['undercloud'],
                 own_machine=['undercloud'])
        self.assertEqual(
            {'192.0.2.11': ('heat-admin@192.0.2.11', None, True),
             '192.0.2.12': ('heat-admin@192.0.2.12', None, True)},
            self.understood('overcloud'))
        self.assertEqual({'localhost': ('local', None, True)},
                         self.understood('undercloud'))

    def test_a_folder_has_several(self):
        self.use(SAMPLES / 'several')
        self.assertEqual(['2001:db8::83', 'node-0', 'node-1'],
                         self.names('overcloud'))
        self.assertEqual({'director': ('backup@192.0.2.80', None, True)},
                         self.understood('undercloud'))


class OtherMachineTest(test_inventory.InventoryTest):
    """The machine of the service, and another one, under a wrong name."""

    def test_this_machine_is_not_taken_for_one_with_another_address(self):
        self.use(SAMPLES / 'undercloud.yaml')
        self.targets(own_machine=['undercloud'])
        self.assertRefused('director is reached by ansible_connection=local, '
                           'which is this machine, and its ansible_host is '
                           '192.0.2.1, which is none of its', 'undercloud')

    def test_a_node_of_two_targets_is_refused_in_both(self):
        """It is listed once, so that lists can be read page by page."""
        self.place('Controller: {hosts: {a: {}, b: {}}}\n'
                   'Undercloud: {hosts: {a: {}}}\n')
        self.assertRefused('a is in the groups of undercloud and overcloud',
                           'undercloud')
        self.assertRefused('a is in the groups of undercloud and overcloud')
        self.assertEqual(['b', 'a'], self.names())

    def test_a_name_of_two_nodes_restores_neither(self):
        self.place('Controller: {hosts: {a: {baremetal_name: x}, '
                   'b: {baremetal_name: x}}}\n')
        with self.assertRaisesRegex(inventory.NodeUnusable,
                                    'x is a name of several nodes: a, b'):
            inventory.node('x', self.conf)
        self.assertEqual('a', inventory.node('a', self.conf).name)

    def test_a_node_without_address_waits_for_one(self):
        self.place('Controller: {hosts: {a: {ansible_host: ""}}}\n')
        self.assertRefused('ansible_host of a is empty: it has no address')


class PatternsTest(test_inventory.InventoryTest):
    """What [targets] may name."""

    def chosen(self, *patterns):
        listed = listing.listed(str(SAMPLES / 'stacks.yaml'), self.conf)
        return groups.chosen(listed, patterns), groups.missing(listed,
                                                               patterns)

    def test_patterns_of_ansible_choose_one_of_two_stacks(self):
        one = ['central-controller-0'], []
        self.assertEqual(one, self.chosen('central_Controller'))
        self.assertEqual(one, self.chosen('Controller:&central_allovercloud'))
        self.assertEqual(one, self.chosen('Controller', '!edge0_*'))
        self.assertEqual(one, self.chosen('central-controller-?'))
        self.assertEqual(one, self.chosen('all:!Undercloud:!edge0_Controller'))
        self.assertEqual(([], ['nowhere']), self.chosen('nowhere'))
        self.assertEqual(([], ['no*', 'nor']), self.chosen('no*:&nor'))

    def test_they_choose_what_ansible_chooses(self):
        path = SAMPLES / 'multinode'
        listed = listing.listed(str(path), self.conf)
        for pattern in ('control:!control02', 'common:&network', 'c*1',
                        'baremetal:!compute:&common', '*:!deployment'):
            self.assertEqual(self.ansible(path, pattern), sorted(
                groups.chosen(listed, [pattern])), pattern)

    def ansible(self, path, pattern):
        """Ask Ansible itself which hosts a pattern means."""
        done = subprocess.run(
            ['ansible', pattern, '-i', str(path), '--list-hosts'],
            capture_output=True, text=True, check=True,
            env={**os.environ, 'PATH': runner.search_path()})
        return sorted(map(str.strip, done.stdout.splitlines()[1:]))
