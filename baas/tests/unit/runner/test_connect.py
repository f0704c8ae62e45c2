# SPDX-License-Identifier: Apache-2.0
"""Nodes are logged in to as jobs do, with a real SSH server."""
import getpass
import json

from baas.runner.review import connect
from baas.runner.review import report
from baas.tests.unit import known_hosts


class ConnectTest(known_hosts.SshTest):

    def setUp(self):
        super().setUp()
        self.conf.set_override('inventory', str(self.folder / 'hosts.json'),
                               'runner')
        # Nothing here is about how fast a machine is.
        self.conf.set_override('inventory_timeout', 600, 'runner')
        for name, value in (('own_machine', ['overcloud']),
                            ('undercloud', [])):
            self.conf.set_override(name, value, 'targets')

    def tried(self, *nodes, **variables):
        """Try nodes; give {what is wrong: hint}."""
        (self.folder / 'hosts.json').write_text(json.dumps(
            {'Controller': {'hosts': {name: {
                'ansible_host': self.server.address,
                'ansible_port': self.server.port,
                'ansible_user': getpass.getuser(),
                'ansible_ssh_private_key_file': str(self.server.key),
                'ansible_ssh_common_args': self.pins(), **variables}
                for name in nodes}}}))
        found = report.read(self.conf)
        return {one.cause: one.hint
                for one in connect.findings(
                    found.reached, self.conf, 1200)}

    def test_who_answers_with_the_known_key_is_well(self):
        self.assertEqual({}, self.tried('a'))
        # Nothing is left: neither a folder of the service nor a connection.
        self.assertFalse((self.folder / 'ssh').exists())

    def test_who_has_another_key_is_named_with_what_to_do(self):
        self.change_key()
        [(cause, hint)] = self.tried('a', **known_hosts.UNCHECKED).items()
        self.assertIn('a cannot be logged in to: ', cause)
        self.assertIn('ssh-keyscan', hint)

    def test_who_does_not_let_us_in_is_named_with_why(self):
        [cause] = self.tried('a', ansible_ssh_private_key_file=str(
            self.server.make_key('stranger')))
        self.assertIn('a cannot be logged in to: ', cause)
        self.assertIn('Permission denied', cause)
        self.server.stop()
        [cause] = self.tried('a')
        self.assertIn('Connection refused', cause)

    def test_two_names_of_one_machine_are_named(self):
        self.assertEqual(['a and b are one machine'],
                         list(self.tried('a', 'b')))

    def test_this_machine_is_named_however_it_is_called(self):
        # A tunnel or a router hides from the inventory where it leads.
        args = (f'{self.pins()} -o HostName={self.server.address} '
                f'-o HostKeyAlias=a')
        self.server.known_hosts.write_text(
            self.server.known_hosts.read_text().replace(
                f'[{self.server.address}]:{self.server.port}', 'a'))
        self.conf.set_override('own_machine', [], 'targets')
        [cause] = self.tried('a', ansible_host='198.51.100.1',
                             ansible_ssh_common_args=args)
        self.assertEqual('The machine that the service itself runs on answers '
                         'as a', cause)

    def test_one_that_becomes_root_only_with_a_password_is_named(self):
        programs = self.folder / 'programs'
        programs.mkdir()
        for name, text in (('id', 'echo 1000'), ('sudo', 'exit 1')):
            (programs / name).write_text(f'#!/bin/sh\n{text}\n')
            (programs / name).chmod(0o755)
        self.server.stop()
        self.server.start(f'SetEnv PATH={programs}:/usr/bin:/bin\n')
        [cause] = self.tried('a')
        self.assertIn('cannot become root without a password', cause)
