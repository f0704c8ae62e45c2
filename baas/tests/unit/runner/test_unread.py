# SPDX-License-Identifier: Apache-2.0
"""Inventories, and values in them, that Ansible does not read."""
import os
import shutil
import subprocess
import sys

from baas import runner
from baas.runner import inventory
from baas.runner import listing
from baas.tests.unit import known_hosts
from baas.tests.unit.runner import test_inventory

SAMPLES = test_inventory.SAMPLES
SECRET = 'not-to-be-seen'
_DEMAND = '''
import sys
from baas.runner import listing
try:
    listing.demand(sys.argv[1])
except listing.InventoryError as error:
    print(error)
'''


class UnreadTest(test_inventory.InventoryTest):
    """What Ansible does not read is named, and nothing of it is repeated."""

    def unread(self, pattern):
        with self.assertRaises(inventory.InventoryError) as caught:
            listing.listed(str(self.conf.runner.inventory), self.conf)
        for said in (str(caught.exception), caught.exception.hint):
            self.assertNotIn(SECRET, said)
            self.assertNotIn('\n', said)
        self.assertRegex(str(caught.exception), pattern)
        return caught.exception.hint

    def test_no_line_of_the_inventory_is_quoted(self):
        path = self.place(f'Controller:\n  vars: {{password: "{SECRET}\n')
        self.unread(f'{path}, line [0-9]+')
        path = self.place(f'[Controller]\na password=x {SECRET}\n', 'a.ini')
        self.unread(f'does not understand the inventory {path}')

    def test_a_script_is_named_with_how_it_ended(self):
        for text, pattern in (
                (f'echo {SECRET} >&2; exit 3', 'has failed with 3'),
                (f'echo {SECRET}', 'does not print an inventory in JSON'),
                (f'echo \'{{"a": {{"vars": ["{SECRET}"]}}}}\'',
                 'does not print an inventory in JSON')):
            path = self.place(f'#!/bin/sh\n{text}\n', 'script')
            path.chmod(0o755)
            self.assertIn(f'{path} --list', self.unread(pattern))
        path.chmod(0o644)
        self.assertIn('chmod u+x', self.unread('is not executable'))

    def test_one_bad_file_of_several_leaves_no_half_of_an_inventory(self):
        folder = self.folder / 'several'
        shutil.copytree(SAMPLES / 'several', folder)
        (folder / '30-more').write_text(f'[Controller]\nc x={SECRET} y\n')
        self.use(folder)
        hint = self.unread(f'does not understand {folder}/30-more of the')
        self.assertIn('nodes could be missing', hint)

    def test_of_the_folder_of_a_stack_its_file_is_named(self):
        folder = self.folder / 'stack'
        shutil.copytree(SAMPLES / 'stack', folder)
        (folder / 'deploy_steps_playbook.yaml').write_text('- hosts: all\n')
        self.use(folder)
        hint = self.unread(f'folder {folder} has more than an inventory')
        self.assertIn(f'{folder}/tripleo-ansible-inventory.yaml', hint)

    def test_what_is_encrypted_is_named_with_what_opens_it(self):
        closed = ('$ANSIBLE_VAULT;1.1;AES256\n'
                  '62313365396662343061393464336163383764373764613633653634306'
                  '231386433626436623361\n')
        self.place('Controller: {hosts: {a: {}}}\n')
        (self.folder / 'group_vars').mkdir()
        beside = self.folder / 'group_vars' / 'Controller.yaml'
        beside.write_text(closed)
        self.assertIn('ANSIBLE_VAULT_PASSWORD_FILE', self.unread(
            'is encrypted with Ansible Vault'))
        beside.unlink()
        lines = ''.join(f'        {line}\n' for line in closed.split())
        self.place('Controller:\n  hosts:\n    a:\n      ansible_host: '
                   f'!vault |\n{lines}'
                   f'    b:\n      admin_password: !vault |\n{lines}')
        error = self.assertRefused('ansible_host of a is encrypted with')
        self.assertIn('ANSIBLE_VAULT_PASSWORD_FILE', error.hint)
        # What is not needed may be encrypted.
        self.assertIsNone(inventory.node('b', self.conf).problem)

    def test_what_is_encrypted_is_read_with_its_password(self):
        password = self.folder / 'password'
        password.write_text('x\n')
        with known_hosts.environment(
                ANSIBLE_VAULT_PASSWORD_FILE=str(password)):
            closed = subprocess.run(
                ['ansible-vault', 'encrypt'], input='192.0.2.77', text=True,
                capture_output=True, check=True,
                env={**os.environ, 'PATH': runner.search_path()}).stdout
            lines = ''.join(f'        {line}\n' for line in closed.split())
            self.place('Controller:\n  hosts:\n    a:\n      ansible_host: '
                       f'!vault |\n{lines}')
            [node] = self.nodes('overcloud')
        self.assertEqual('192.0.2.77', node.address)

    def test_a_template_with_a_password_in_it_is_not_repeated(self):
        self.place('Controller: {hosts: {a: {ansible_host: '
                   '"{{ lookup(\'pipe\', \'exit 3 %s\') }}"}}}\n' % SECRET)
        error = self.assertRefused('ansible_host of a is a template')
        self.assertNotIn(SECRET, str(error) + error.hint)

    def test_a_file_that_everybody_can_write_to_is_not_trusted(self):
        path = self.place('Controller: {hosts: {a: {}}}\n')
        path.chmod(0o646)
        self.assertIn(f'chmod o-w {path}', self.unread('Everybody can write'))
        path.chmod(0o644)
        beside = self.folder / 'host_vars'
        beside.mkdir()
        beside.chmod(0o777)
        self.assertIn(f'chmod o-w {beside}',
                      self.unread('Everybody can write'))

    def test_a_file_that_is_not_ours_to_read_is_named(self):
        path = self.place('Controller: {hosts: {a: {}}}\n')
        path.chmod(0)
        # To root nothing is closed, unless it has no right to pass over modes.
        rights = () if os.geteuid() else (
            'setpriv', '--bounding-set=-dac_override,-dac_read_search',
            '--inh-caps=-dac_override,-dac_read_search')
        done = subprocess.run(
            [*rights, sys.executable, '-W', 'ignore', '-c', _DEMAND, path],
            capture_output=True, text=True, check=True)
        self.assertEqual(f'The inventory {path} cannot be read: Permission '
                         'denied.\n', done.stdout)

    def test_a_pipe_is_not_waited_for(self):
        path = self.folder / 'pipe'
        os.mkfifo(path)
        self.use(path)
        self.unread(f'The inventory {path} is a pipe')

    def test_no_inventory_at_all_is_told(self):
        self.use('')
        self.unread(r'\[runner\] inventory is empty')

    def test_a_script_of_a_folder_that_nothing_runs_is_named(self):
        folder = self.folder / 'several'
        shutil.copytree(SAMPLES / 'several', folder)
        script = folder / '03-more.sh'
        script.write_text('#!/no/such/python -u\nx\n')
        script.chmod(0o755)
        self.use(folder)
        self.unread(f'The script {script} of the inventory cannot be run: '
                    'there is no /no/such/python')

    def test_a_link_that_leads_back_is_named(self):
        for target in ('.', 'b'):
            folder = self.folder / f'to-{target.replace(".", "itself")}'
            folder.mkdir()
            (folder / 'hosts.yaml').write_text(
                'Controller: {hosts: {a: {}}}\n')
            (folder / 'a').symlink_to(target)
            if target == 'b':
                (folder / 'b').symlink_to('a')
            self.use(folder)
            with self.subTest(target=target):
                self.unread(f'{folder}/[ab] of the inventory is a link that')

    def test_a_link_that_is_not_to_blame_is_not_named(self):
        folder = self.folder / 'beside'
        folder.mkdir()
        (folder / '.#hosts.yaml').symlink_to('somebody@somewhere')
        (folder / 'hosts.yaml').write_text('Controller: {hosts: {a: {}}}\n')
        (folder / 'more').write_text('[Controller]\nb x=1 y\n')
        self.use(folder)
        self.unread(f'does not understand {folder}/more of the inventory')

    def test_a_password_file_that_is_not_there_is_named(self):
        self.place('Controller: {hosts: {a: {}}}\n')
        with known_hosts.environment(
                ANSIBLE_VAULT_PASSWORD_FILE='/no/such/password'):
            self.unread('The file /no/such/password with the password of')
