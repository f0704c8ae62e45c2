# SPDX-License-Identifier: Apache-2.0
"""What is said to be wrong with an inventory, without a login."""
from importlib import metadata
import pathlib
import re

import yaml

from baas.runner.review import nodes
from baas.runner.review import reach
from baas.runner.review import report
from baas.tests.unit.runner import test_inventory

ROOT = pathlib.Path(__file__).parents[4]


class ReviewTest(test_inventory.InventoryTest):

    def setUp(self):
        super().setUp()
        self.targets(undercloud=[])
        self.known = self.folder / 'known_hosts'
        self.known.write_text(''.join(
            f'{name} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDb0WrZkLkDyPzrY0oDSL'
            'G2iyrN5x6W2oGsjOdvy1VCy\n'
            for name in ('192.0.2.151', '192.0.2.152', '[192.0.2.153]:2222',
                         'alias')))
        self.args = (f'-o UserKnownHostsFile={self.known} '
                     '-o GlobalKnownHostsFile=/dev/null')

    def have(self, **variables):
        """Have nodes a, b, ... with the lines of their variables."""
        lines = [f'    {name}: {{{words}}}\n'
                 for name, words in variables.items()]
        return self.place('Controller:\n  vars:\n    ansible_ssh_common_args: '
                          f'"{self.args}"\n  hosts:\n' + ''.join(lines))

    def wrong(self, pattern=None):
        """Give what is wrong, see that one of it is as a pattern says."""
        found = report.read(self.conf)
        wrong = [one for one in found.findings if one.is_wrong]
        self.assertEqual(not wrong, found.is_usable)
        causes = [one.cause for one in wrong]
        if pattern:
            self.assertTrue([one for one in causes
                             if re.search(pattern, one)], causes)
        for one in found.findings:
            for said in (one.cause, one.hint):
                self.assertNotRegex(said, r'\n|\.$|secret')
        return causes

    def test_what_is_well_is_usable(self):
        self.have(a='ansible_host: 192.0.2.151',
                  b='ansible_host: 192.0.2.153, ansible_port: 2222')
        self.assertEqual([], self.wrong())

    def test_host_keys_are_looked_for_where_ssh_looks(self):
        self.have(a='ansible_host: 192.0.2.159')
        self.assertEqual(
            [f'The host key of a is not known: 192.0.2.159 is in none of '
             f'{self.known}, /dev/null'], self.wrong())
        self.have(a='ansible_host: 192.0.2.151, ansible_port: 2222')
        self.assertEqual([], self.wrong())  # ssh looks for the name, too
        self.args += ' -o HostKeyAlias=alias'
        self.have(a='ansible_host: 192.0.2.159')
        self.assertEqual([], self.wrong())

    def test_where_host_keys_are_not_checked_they_need_not_be_known(self):
        line = 'ansible_host: 192.0.2.159, ansible_host_key_checking: false'
        self.have(a=line)
        self.wrong('The host key of a is not known')
        self.conf.set_override('host_key_checking', 'inventory', 'runner')
        self.have(a=line, b='ansible_host: 192.0.2.152')
        self.assertEqual([], self.wrong())

    def test_a_node_that_needs_a_password_is_named_without_it(self):
        for name in reach.PASSWORDS:
            self.have(a=f'ansible_host: 192.0.2.151, {name}: secret')
            self.wrong(rf'reaches a with a password \({name}\)')
        self.have(a='ansible_host: 192.0.2.151, ansible_become_method: su')
        self.wrong('ansible_become_method of a is su, and not sudo')

    def test_the_names_of_passwords_are_those_that_the_barrier_refuses(self):
        variables = yaml.safe_load(
            (ROOT / 'playbooks/roles/barrier/vars/main.yml').read_text())
        names = re.fullmatch(r'\^ansible_\((.*)\)\$',
                             variables['barrier_passwords'])[1]
        self.assertEqual(sorted(reach.PASSWORDS), sorted(
            f'ansible_{name}' for name in names.split('|')))

    def test_a_key_that_is_elsewhere_is_named(self):
        self.have(a='ansible_host: 192.0.2.151, ansible_ssh_private_key_file: '
                    '/home/stack/.ssh/id_rsa_tripleo')
        self.wrong('key /home/stack/.ssh/id_rsa_tripleo of a is not on this')

    def test_a_node_without_address_is_named(self):
        self.have(a='x: 1', b='ansible_host: nowhere.invalid')
        self.targets(overcloud=['b'])
        self.wrong('b has no address: nobody knows nowhere.invalid')
        self.have(**{'a.invalid': 'x: 1'})
        self.targets(overcloud=['Controller'])
        self.wrong('a.invalid has no address')

    def test_two_nodes_with_one_address_are_named(self):
        self.have(a='ansible_host: 192.0.2.151', b='ansible_host: 192.0.2.151')
        self.wrong('a and b have one address: 192.0.2.151, port 22')
        self.have(a='ansible_host: 192.0.2.151',
                  b='ansible_host: 192.0.2.151, ansible_port: 2222')
        self.assertEqual([], self.wrong())
        self.args += ' -o ProxyJump=site'
        self.have(a='ansible_host: 192.0.2.151', b='ansible_host: 192.0.2.151')
        self.assertEqual([], self.wrong())

    def test_two_nodes_with_one_id_are_named(self):
        self.have(a='ansible_host: 192.0.2.151, baremetal_uuid: x',
                  b='ansible_host: 192.0.2.152, baremetal_uuid: x')
        self.wrong('x is a name of a and of b')

    def test_what_is_not_there_is_named(self):
        self.have(a='ansible_host: 192.0.2.151')
        self.targets(undercloud=['Undercloud'])
        self.wrong(r'Undercloud, which \[targets\] undercloud names, is no')
        self.place('Controller: {children: {x: {}}}\n')
        self.wrong('overcloud names, has no hosts')
        self.targets(undercloud=[], overcloud=[])
        self.assertFalse(report.read(self.conf).is_usable)

    def test_several_stacks_are_no_target(self):
        self.use(test_inventory.SAMPLES / 'stacks.yaml')
        self.wrong('Controller has the nodes of several stacks: '
                   'central_Controller, edge0_Controller')
        self.targets(overcloud=['Controller:&edge0_allovercloud'])
        self.assertNotIn('stacks', repr(self.wrong()))

    def test_what_stands_twice_is_named(self):
        self.place('Controller:\n  hosts:\n    a: {}\n    a: {x: secret}\n')
        self.wrong('a stands twice in one mapping of .*hosts.yaml, line 4')
        path = self.place('[Controller]\na ansible_host=192.0.2.151\n\n'
                          '[other]\na ansible_host=192.0.2.152 p=secret\n',
                          'hosts')
        self.wrong(f'a has two values of ansible_host: in {path}, line 2, and '
                   f'in {path}, line 5')

    def test_a_restore_with_nobody_there_needs_a_name_of_the_machine(self):
        for method, line, pattern in (
                ('ironic', 'baremetal_macs: [x]', 'no baremetal_uuid or'),
                ('pxe', 'baremetal_uuid: x', 'has no baremetal_macs, and')):
            self.conf.set_override('method', method, 'boot')
            self.have(a=f'ansible_host: 192.0.2.151, {line}')
            self.wrong(pattern)
        self.assertLessEqual(set(nodes.NEEDS), set(
            metadata.entry_points(group='baas.boot').names))
        self.conf.set_override('method', 'manual', 'boot')
        self.have(a='ansible_host: 192.0.2.151')
        found = report.read(self.conf)
        self.assertIn('no unattended restore', repr(found.findings))
        self.assertTrue(found.is_usable)

    def test_a_variable_that_nobody_can_tell_is_named_without_its_value(self):
        self.have(a='ansible_host: 192.0.2.151, ansible_user: '
                    '"{{ secret_thing }}"')
        self.wrong('ansible_user of a is a template, or encrypted')
        self.have(a='ansible_host: 192.0.2.151, ansible_user: "{{ who }}", '
                    'who: stack')
        [one] = report.read(self.conf).reached
        self.assertEqual('stack@192.0.2.151', str(one))

    def test_arguments_that_ssh_does_not_take_are_named(self):
        for words in ("-o 'x", '-o Nonsense=secret'):
            self.args = words
            self.have(a='ansible_host: 192.0.2.151')
            self.wrong('not understand what ansible_ssh_common_args tells')

    def test_a_host_of_two_files_has_one_address(self):
        folder = self.folder / 'two'
        folder.mkdir()
        for name, number in (('a.yaml', 151), ('b.yaml', 152)):
            (folder / name).write_text(
                'all: {children: {Controller: {hosts: {a: {ansible_host: '
                f'192.0.2.{number}' + '}' * 5 + '\n')
        self.use(folder)
        self.wrong(f'a has two values of ansible_host: in {folder}/a.yaml, '
                   f'line 1, and in {folder}/b.yaml, line 1')

    def test_what_ansible_passes_over_in_a_group_is_named(self):
        self.place('Controller:\n  hosts:\n    a: {}\n  b: {x: secret}\n')
        self.wrong('b in the group Controller is none of hosts, children and')

    def test_a_range_without_hosts_is_named(self):
        path = self.place('[Controller]\na\nctl[03:02]\nok[1:2]\n', 'hosts')
        self.assertEqual(
            [f'ctl[03:02] in {path}, line 3, is a range without hosts'],
            [one for one in self.wrong('range') if 'range' in one])
        path = self.place('Controller:\n  hosts:\n    a: {}\n'
                          '    ctl[9:1]: {}\n')
        self.wrong(rf'ctl\[9:1\] in {path}, line 4, is a range')

    def test_a_group_without_hosts_below_one_that_is_named_is_told(self):
        self.place('Controller: {children: {one: {}, two: {}}}\n'
                   'one: {hosts: {a: {}}}\n')
        [told] = [one for one in report.read(self.conf).findings
                  if 'below' in one.cause]
        self.assertEqual('The group two, below Controller, has no hosts',
                         told.cause)
        self.assertFalse(told.is_wrong)

    def test_ids_that_can_be_none_are_named(self):
        self.have(a='ansible_host: 192.0.2.151, baremetal_uuid: 52, '
                    'instance_uuid: nope, baremetal_macs: [hello]')
        self.wrong('hello.* is no MAC address')
        self.have(a='ansible_host: 192.0.2.151, baremetal_uuid: 52, '
                    'baremetal_macs: ["52:54:00:AB:34:56"]')
        self.assertEqual(["baremetal_uuid of a is '52', and no UUID"],
                         self.wrong())

    def test_an_own_machine_that_is_none_is_told(self):
        self.have(a='ansible_host: 192.0.2.151')
        self.targets(own_machine=['overcloud'])
        self.assertIn('none of its nodes is this machine',
                      repr(report.read(self.conf).findings))
        self.have(a='ansible_connection: local, ansible_host: 127.0.0.1')
        self.assertNotIn('none of its nodes is this machine',
                         repr(report.read(self.conf).findings))

    def test_names_that_cannot_be_kept_are_refused(self):
        for name in ('..', '../etc', 'a/b', '-o', 'a b', 'a$(id)', 'a;b',
                     'x' * 201):
            with self.subTest(name=name):
                self.place('Controller: {hosts: {"%s": {ansible_host: '
                           '192.0.2.151}}}\n' % name)
                self.assertIn('is no name for a node', str(self.wrong()))
        for name in ('ctl-1.example.org', 'c_1', 'käse', '2001:db8::5'):
            with self.subTest(name=name):
                self.place('Controller: {hosts: {"%s": {ansible_host: '
                           '192.0.2.151}}}\n' % name)
                self.assertNotIn('is no name for a node', str(self.wrong()))

    def test_addresses_that_are_none_are_refused(self):
        for address in ('[2001:db8::5]', '192.0.2.151:22', 'https://a',
                        'root@192.0.2.151', 'a b', '12345', '-oX=y'):
            with self.subTest(address=address):
                self.have(a=f'ansible_host: "{address}"')
                self.wrong('ansible_host of a is .*, and no address')
        for address in ('2001:db8::5', 'fe80::1%eth0', 'a-1.example.org'):
            with self.subTest(address=address):
                self.have(a=f'ansible_host: "{address}"')
                self.assertNotIn('and no address', str(self.wrong()))
