# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import shutil
import tempfile
import unittest

from oslo_config import cfg

from baas.conf import opts
from baas.runner import hosts
from baas.runner import inventory

SAMPLES = pathlib.Path(__file__).parent / 'inventories'


class InventoryTest(unittest.TestCase):

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-inv-'))
        self.addCleanup(shutil.rmtree, self.folder)
        self.conf = cfg.ConfigOpts()
        opts.register(self.conf)
        self.conf([], default_config_files=[], default_config_dirs=[])
        self.conf.set_override('state_path', str(self.folder))
        # What is not about time waits for as long as a slow machine takes.
        self.conf.set_override('inventory_timeout', 600, 'runner')

    def place(self, text, name='hosts.yaml'):
        """Have an inventory with a text of its own."""
        path = self.folder / name
        path.write_text(text)
        self.use(path)
        return path

    def use(self, path):
        self.conf.set_override('inventory', str(path), 'runner')

    def targets(self, **values):
        for name, value in values.items():
            self.conf.set_override(name, value, 'targets')

    def nodes(self, target=None):
        return inventory.nodes(target, self.conf)

    def names(self, target=None):
        return [node.name for node in self.nodes(target)]

    def assertRefused(self, pattern, target='overcloud'):
        with self.assertRaises(inventory.NodeUnusable) as caught:
            self.nodes(target)
        self.assertRegex(str(caught.exception), pattern)
        self.assertNotIn('\n', str(caught.exception))
        return caught.exception


class TripleoTest(InventoryTest):
    """What the writers of TripleO write."""

    def test_nodes_are_those_of_the_groups_below_the_role(self):
        self.use(SAMPLES / 'tripleo.yaml')
        self.assertEqual(
            [('prod-controller-0', '192.0.2.11', 22, None),
             ('prod-controller-1', '192.0.2.12', 22, None),
             ('prod-controller-2', '192.0.2.13', 22, None)],
            [(node.name, node.address, node.port, node.problem)
             for node in self.nodes('overcloud')])

    def test_the_undercloud_of_another_machine_is_not_this_one(self):
        for name in ('tripleo', 'stacks', 'undercloud'):
            with self.subTest(name):
                text = (SAMPLES / f'{name}.yaml').read_text()
                self.place(text.replace('192.0.2.1\n', '127.0.0.1\n'))
                self.targets(own_machine=[])
                error = self.assertRefused(
                    'is the machine that the service itself runs on, by '
                    'ansible_(connection=local|host=localhost)', 'undercloud')
                self.assertEqual(409, error.code)
                self.assertIn('own_machine = undercloud', error.hint)
                # It is seen in the list all the same.
                self.assertIn('undercloud', {
                    node.target for node in self.nodes()})
                self.targets(own_machine=['undercloud'])
                self.assertEqual(1, len(self.nodes('undercloud')))

    def test_a_file_beside_it_gives_the_undercloud_its_address(self):
        beside = self.folder / 'host_vars'
        beside.mkdir()
        (beside / 'undercloud.yaml').write_text(
            'ansible_connection: ssh\nansible_host: 192.0.2.1\n')
        for name in ('tripleo', 'stacks'):
            self.place((SAMPLES / f'{name}.yaml').read_text(), f'{name}.yaml')
            self.assertEqual(['192.0.2.1'], [
                node.address for node in self.nodes('undercloud')])

    def test_of_several_stacks_one_is_named(self):
        self.use(SAMPLES / 'stacks.yaml')
        self.targets(overcloud=['central_Controller'])
        self.assertEqual(['central-controller-0'], self.names('overcloud'))


class VariablesTest(InventoryTest):

    def test_own_addresses_and_names_are_this_machine(self):
        own = os.uname().nodename
        for address in ('127.0.0.1', '127.3.2.1', '::1', 'localhost',
                        '0.0.0.0', own, own.upper()):
            self.assertIsNotNone(
                hosts.own('n', {'ansible_host': address}), address)
        self.assertIsNotNone(hosts.own('localhost', {}))
        self.assertIsNotNone(hosts.own('n', {'ansible_ssh_host': '127.0.0.1',
                                             'ansible_host': '192.0.2.1'}))
        for address in ('192.0.2.1', '2001:db8::1', 'controller-0', '1.2',
                        'fe80::1%nowhere'):
            self.assertIsNone(
                hosts.own('n', {'ansible_host': address}), address)

    def test_templates_are_resolved_as_ansible_does(self):
        self.place('''
Controller:
  vars: {ssh_port: 2222, net: 192.0.2}
  hosts:
    a: {ansible_host: "{{ net }}.{{ last }}", last: 7,
        ansible_port: "{{ ssh_port }}", baremetal_macs: ["{{ mac }}"],
        mac: "52:54:00:00:00:01"}
    b: {ansible_host: 192.0.2.8}
    c: {ansible_ssh_host: "{{ hostvars.b.ansible_host }}0",
        ansible_host: 192.0.2.9}
''')
        self.assertEqual(
            [('192.0.2.7', 2222, ('52:54:00:00:00:01',)),
             ('192.0.2.8', 22, ()), ('192.0.2.80', 22, ())],
            [(node.address, node.port, node.macs)
             for node in self.nodes('overcloud')])

    def test_what_cannot_be_resolved_is_named_and_no_other_node_suffers(self):
        self.place('''
Controller: {hosts: {a: {ansible_port: "{{ nowhere }}"}, b: {}}}
Undercloud: {hosts: {u: {ansible_host: 192.0.2.9}}}
''')
        self.assertRefused('ansible_port of a is a template that Ansible '
                           'cannot resolve')
        self.assertEqual(['u'], self.names('undercloud'))
        self.assertEqual(['a', 'b', 'u'], self.names())
        with self.assertRaises(inventory.NodeUnusable):
            inventory.node('a', self.conf)
        self.assertEqual('b', inventory.node('b', self.conf).name)

    def test_a_template_that_leads_to_this_machine_is_this_machine(self):
        self.place('''
Controller: {hosts: {a: {ansible_host: "{{ there }}", there: 127.0.0.1}}}
''')
        self.assertRefused('a is the machine that the service itself runs on')

    def test_what_is_not_what_it_must_be_is_named(self):
        bad = {
            'a': ('ansible_port: ssh', "ansible_port of a is 'ssh'"),
            'b': ('ansible_port: 70000', 'ansible_port of b is 70000'),
            'c': ('ansible_port: {x: 1}', 'ansible_port of c is'),
            'd': ('ansible_host: [1]', 'ansible_host of d is'),
            'e': ('baremetal_macs: {x: 1}', 'baremetal_macs of e is'),
            'f': ('baremetal_name: [x]', 'baremetal_name of f is'),
            'g': ('ansible_connection: paramiko', 'connection of g is param')}
        self.place('Controller: {hosts: {%s}}\n' % ', '.join(
            f'{name}: {{{line}}}' for name, (line, _) in bad.items()))
        self.assertRefused("ansible_port of a is 'ssh', and no port")
        for node in self.nodes():
            self.assertIn(bad[node.name][1], node.problem[0])

    def test_a_list_may_be_words_in_one_line(self):
        self.place('Controller: {hosts: {a: {baremetal_macs: '
                   '"52:54:00:00:00:01, 52:54:00:00:00:02"}}}\n')
        [node] = self.nodes('overcloud')
        self.assertEqual(('52:54:00:00:00:01', '52:54:00:00:00:02'),
                         node.macs)

    def test_a_host_that_two_groups_lead_to_is_one_node(self):
        self.place('''
Controller: {children: {east: {}, west: {}}}
east: {children: {all_racks: {}}}
west: {children: {all_racks: {}}}
all_racks: {hosts: {a: {}, b: {}}}
''')
        self.assertEqual(['a', 'b'], self.names('overcloud'))

    def test_a_folder_of_files_is_an_inventory(self):
        (self.folder / 'inventory').mkdir()
        for name in ('a', 'b'):
            self.place('Controller: {hosts: {%s: {}}}\n' % name,
                       f'inventory/{name}.yaml')
        self.use(self.folder / 'inventory')
        self.assertEqual(['a', 'b'], self.names('overcloud'))

    def test_numbers_are_names_too(self):
        self.place('Controller: {hosts: {a: {baremetal_name: 17}}}\n')
        self.assertEqual('a', inventory.find('17', self.conf).name)

    def test_an_inventory_that_is_none_is_an_error_with_its_name(self):
        for name, text in (('a.yaml', 'Controller: ['), ('b.ini', '[x\n'),
                           ('c.sh', '#!/bin/sh\nexit 3\n')):
            with self.subTest(name):
                path = self.place(text, name)
                path.chmod(0o755 if name == 'c.sh' else 0o644)
                with self.assertRaisesRegex(inventory.InventoryError,
                                            str(path)):
                    self.nodes()
