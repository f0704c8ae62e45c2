# SPDX-License-Identifier: Apache-2.0
"""What playbooks name is there, and roles let it be named."""
import importlib.util
import pathlib
import re
import unittest

import yaml

from baas.node import main

PLAYBOOKS = pathlib.Path(__file__).parents[4] / 'playbooks'


class NamesTest(unittest.TestCase):

    def named(self, variable):
        """Give the values that steps give to a variable of a role (set)."""
        found = {name for path in PLAYBOOKS.glob('steps/*/*.yaml')
                 for name in re.findall(rf'\b{variable}: (\w+)$',
                                        path.read_text(), re.M)}
        self.assertTrue(found)
        return found

    def allowed(self, role, variable):
        """Give the values that a role takes, or None if it takes all."""
        specs = yaml.safe_load(
            (PLAYBOOKS / f'roles/{role}/meta/argument_specs.yml').read_text())
        return specs['argument_specs']['main']['options'][variable].get(
            'choices')

    def test_programs_of_the_service_exist_and_their_roles_take_them(self):
        for role, package in (('boot_program', 'boot.programs'),
                              ('storage_program', 'storage.programs')):
            with self.subTest(role):
                named = self.named(f'{role}_name')
                for name in named:
                    self.assertIsNotNone(
                        importlib.util.find_spec(f'baas.{package}.{name}'),
                        name)
                choices = self.allowed(role, f'{role}_name')
                self.assertEqual(set(), named - set(choices or named))

    def test_verbs_of_the_node_program_exist(self):
        self.assertEqual(set(), self.named('verb_name') - set(main.VERBS))
