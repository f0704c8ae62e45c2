# SPDX-License-Identifier: Apache-2.0
"""Which files the service would need on another machine."""
import os
import pathlib
import tempfile
import unittest

from oslo_config import cfg

from baas.conductor.backup import service_files
from baas.conf import opts


class PathsTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.addCleanup(os.environ.update, HOME=os.environ['HOME'])
        os.environ['HOME'] = str(self.folder)
        self.config = self.file('etc/baas.conf', '[DEFAULT]\n')

    def file(self, name, text='', mode=0o600):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def paths(self, text):
        """Give what is below the folder, by its name there."""
        inventory = self.folder / 'etc' / 'inventory.yaml'
        if not inventory.exists():
            inventory.write_text('Controller: {hosts: {a: {}}}\n')
        self.config.write_text(
            f'[DEFAULT]\nstate_path = {self.folder}\n[runner]\n'
            f'inventory = {inventory}\n{text}')
        conf = cfg.ConfigOpts()
        opts.register(conf)
        opts.read(['--config-file', str(self.config)], 'baas-conductor', conf)
        return {path.removeprefix(f'{self.folder}/')
                for path in service_files.paths(conf)
                if path.startswith(str(self.folder))}

    def check(self, text, *names):
        self.assertEqual({'etc/baas.conf', 'etc/inventory.yaml', *names},
                         self.paths(text))

    def test_configuration_inventory_and_key(self):
        self.file('key')
        self.check('', 'key')

    def test_what_options_name(self):
        for name in ('storage_key', 'storage_known_hosts', 'ca.pem', 'users'):
            self.file(f'etc/{name}')
        self.check(
            f'[storage_sftp]\nprivate_key = {self.folder}/etc/storage_key\n'
            f'known_hosts = {self.folder}/etc/storage_known_hosts\n'
            f'[keystone_authtoken]\ncafile = {self.folder}/etc/ca.pem\n'
            f'[api]\nhttp_basic_auth_user_file = {self.folder}/etc/users\n',
            'etc/storage_key', 'etc/storage_known_hosts', 'etc/ca.pem',
            'etc/users')

    def test_neither_programs_nor_logs_nor_images_nor_what_is_not_there(self):
        self.file('age', mode=0o755)
        self.file('baas.log')
        self.file('kernel', 'k' * (1 << 20) + 'k')
        self.check(
            f'[boot]\nkernel = {self.folder}/kernel\n'
            f'initrd = {self.folder}/no-initrd\n[payload]\n'
            f'age = {self.folder}/age\n[DEFAULT]\n'
            f'log_file = {self.folder}/baas.log\n')

    def test_the_policy_wherever_it_is(self):
        self.file('etc/admins.yaml')
        self.file('etc/more.d/one.yaml')
        self.check('[oslo_policy]\npolicy_file = admins.yaml\n'
                   f'policy_dirs = {self.folder}/etc/more.d\n',
                   'etc/admins.yaml', 'etc/more.d/one.yaml')

    def test_an_inventory_with_all_that_is_beside_it(self):
        self.file('etc/group_vars/all.yaml', '{}')
        self.file('etc/host_vars/a/more.yaml', '{}')
        self.check('', 'etc/group_vars/all.yaml', 'etc/host_vars/a/more.yaml')

    def test_what_nodes_are_reached_with(self):
        for name in ('known_hosts', 'config', 'id_ed25519', 'authorized_keys',
                     'of-nodes'):
            self.file(f'.ssh/{name}')
        self.file('etc/inventory.yaml',
                  'Controller: {hosts: {a: {}}, vars: {'
                  'ansible_ssh_private_key_file: ~/.ssh/of-nodes}}\n')
        self.check('', '.ssh/known_hosts', '.ssh/config', '.ssh/id_ed25519',
                   '.ssh/of-nodes')
