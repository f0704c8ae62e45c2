# SPDX-License-Identifier: Apache-2.0
"""What a conductor needs beside its configuration: programs, without which
no job can work, and groups of the inventory, which may still come."""
import json
import os
import pathlib
import sys
import unittest

from baas.tests.functional import forked
from baas.tests.functional import starting
from baas.tests.integration import process

CONDUCTORS = ('standalone', 'conductor')


class NeededTest(starting.StartTest):

    def refuse(self, wanted, program):
        """See that conductors do not start with a restic."""
        self.everywhere(wanted, 'hint: Install restic 0.17 or newer and set '
                        '[payload] restic', *CONDUCTORS,
                        payload=f'restic = {program}')

    def test_a_restic_that_is_not_there(self):
        self.refuse('error: /nowhere/restic cannot be run: No such file',
                    '/nowhere/restic')

    def test_a_restic_that_cannot_be_run(self):
        program = self.folder / 'bad'
        program.touch()
        self.refuse(f'error: {program} cannot be run: Permission denied',
                    program)
        program.chmod(0o755)
        self.refuse(f'error: {program} cannot be run: Exec format error',
                    program)
        self.refuse(f'{self.folder} cannot be run: Permission denied',
                    self.folder)

    def test_a_restic_that_is_too_old_or_none(self):
        for says, wanted in (('restic 0.16.5', 'is too old'),
                             ('hello', 'does not say which restic it is')):
            self.refuse(wanted, starting.restic(self.folder, says))

    def test_an_age_that_is_not_there(self):
        self.everywhere(
            '/nowhere/age cannot be run', 'Install age and zstd', *CONDUCTORS,
            payload='kind = tar\nage = /nowhere/age')

    def test_an_api_needs_none(self):
        said = self.run_program(
            'api', payload='restic = /nowhere/restic',
            api='auth_strategy = noauth\nbind_host = 192.0.2.1\n'
                f'bind_port = {self.port}')
        self.assertIn('cannot listen on', said)


class GroupsTest(starting.StartTest):

    def setUp(self):
        super().setUp()
        self.inventory.write_text(json.dumps(
            {'Controller': {'hosts': {'controller-0': {
                'ansible_host': '192.0.2.1'}}},
             'Galera': {'hosts': {}}}))
        self.config = self.folder / 'baas.conf'
        (self.folder / 'storage').mkdir()

    def configure(self, targets):
        self.config.write_text(
            f'[DEFAULT]\nstate_path = {self.state}\n'
            f'[api]\nauth_strategy = noauth\nbind_port = {self.port}\n'
            f'[runner]\ninventory = {self.inventory}\n'
            f'[storage_file]\npath = {self.folder}/storage\n'
            f'[payload]\nrestic = {self.restic}\n'
            f'[targets]\n{targets}\n')

    def words(self, overcloud, awaited):
        """Start a service and end it when it has said something; give its
        log."""
        self.configure(f'overcloud = {overcloud}')
        one = process.Process(
            'standalone', [
                pathlib.Path(sys.executable).parent / 'baas-standalone',
                '--config-file', self.config], self.folder,
            process.environment(HOME=str(self.folder)))
        self.addCleanup(one.kill)
        one.start().wait_until(lambda: awaited in one.words(),
                               f'it says {awaited}')
        return one.words()

    def test_a_group_that_the_inventory_lacks_is_told_at_the_start(self):
        said = self.words(
            'Controller,Controler,Galera',
            'has no machine in group Galera, which [targets] overcloud '
            'names. Write the group as the inventory has it')
        self.assertIn('has no machine in group Controler, which', said)
        self.assertNotIn('group Controller,', said)
        # Nobody has asked for an undercloud.
        self.assertNotIn('Undercloud', said)

    def test_an_inventory_that_ansible_cannot_read_is_told_at_the_start(self):
        self.inventory = self.folder / 'inventory.yaml'
        self.inventory.write_text('a: [')
        self.words('Controller', 'Ansible does not understand the inventory')

    def status(self, targets):
        """Give what the check of the installation says, and its status."""
        self.configure(targets)
        ended = forked.run('status', '--config-file', str(self.config),
                           'upgrade', 'check',
                           env={**os.environ, 'COLUMNS': '500'})
        return ' '.join(ended.stdout.replace('|', '').split())

    def test_the_check_of_the_installation_tells_of_both(self):
        said = self.status('overcloud = Controler')
        for name in ('Controler', 'Undercloud'):
            self.assertIn(f'has no machine in group {name},', said)
        self.assertIn('Check: Payload Result: Success', said)
        self.restic = '/nowhere/restic'
        said = self.status('overcloud = Controller')
        self.assertNotIn('has no machine', said)
        self.assertIn('Check: Payload Result: Failure', said)
        self.assertIn('/nowhere/restic cannot be run', said)


if __name__ == '__main__':
    unittest.main()
