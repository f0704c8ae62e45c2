# SPDX-License-Identifier: Apache-2.0
"""What `openstack` finds of the plugin, and what it costs."""
import ast
import configparser
import importlib
import inspect
import pathlib
import subprocess
import sys
import unittest

import baasclient
from baasclient import plugin

FOLDER = pathlib.Path(baasclient.__file__).parent


def product():
    """Give the files of the client, without its tests."""
    return [path for path in FOLDER.rglob('*.py')
            if 'tests' not in path.relative_to(FOLDER).parts]


def entry_points():
    """Read the lines of commands in setup.cfg."""
    config = configparser.ConfigParser()
    config.read(FOLDER.parent / 'setup.cfg')
    lines = config['entry_points']['openstack.%s.v1' % plugin.API_NAME]
    return [line for line in lines.split('\n') if line]


class PluginTest(unittest.TestCase):
    def entry_points(self):
        """Give the commands that setup.cfg lists."""
        return [line.split(' = ')[1] for line in entry_points()]

    def test_every_command_that_is_listed_is_there(self):
        for entry in self.entry_points():
            module, name = entry.split(':')
            self.assertTrue(
                hasattr(importlib.import_module(module), name), entry)

    def test_every_command_that_is_there_is_listed(self):
        listed = self.entry_points()
        for path in FOLDER.glob('v1/*.py'):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef) and node.name[0] != '_':
                    self.assertIn('baasclient.v1.%s:%s' % (
                        path.stem, node.name), listed)

    def test_what_a_command_does_is_told_in_sentences_that_end(self):
        # The help runs its paragraphs together.
        for entry in self.entry_points():
            module, name = entry.split(':')
            about = inspect.getdoc(getattr(importlib.import_module(module),
                                           name))
            for paragraph in about.split('\n\n'):
                self.assertRegex(paragraph, r'[.]\Z', entry)

    def test_it_is_python_3_9(self):
        for path in product():
            ast.parse(path.read_text(), feature_version=(3, 9))

    def test_it_imports_nothing_that_only_the_service_needs(self):
        allowed = {'baasclient', 'cliff', 'keystoneauth1', 'osc_lib',
                   *sys.stdlib_module_names}
        for path in product():
            for node in ast.walk(ast.parse(path.read_text())):
                names = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    names = [node.module]
                for name in names:
                    self.assertIn(name.split('.')[0], allowed, path)

    def test_other_commands_pay_for_the_plugin_module_alone(self):
        loaded = subprocess.run(
            [sys.executable, '-W', 'ignore', '-c',
             'import openstackclient.shell, sys; print(*sys.modules)'],
            stdout=subprocess.PIPE, text=True, check=True).stdout.split()
        self.assertEqual({'baasclient', 'baasclient.plugin'},
                         {name for name in loaded
                          if name.startswith('baas')})
