# SPDX-License-Identifier: Apache-2.0
"""Playbooks use the variables that they are given, and get what they use."""
import pathlib
import re
import unittest

import yaml

from baas.jobs import plans
from baas.jobs import variables

TOP = pathlib.Path(__file__).parents[4]
PLAYBOOKS = TOP / 'playbooks'
WORD = re.compile(r'\b[a-z][a-z_]+\b')


def read(path):
    """Give what is in a file of YAML; nothing when it is not there."""
    return yaml.safe_load(path.read_text()) if path.exists() else {}


def words(value):
    """Give all words of the names and texts of a value."""
    if isinstance(value, dict):
        value = [part for pair in value.items() for part in pair]
    if isinstance(value, list):
        return set().union(*map(words, value))
    return set(WORD.findall(value)) if isinstance(value, str) else set()


def roles(value):
    """Give the roles of a play or task: pairs of name and file of tasks."""
    if isinstance(value, dict):
        if 'role' in value:
            yield value['role'], 'main'
        elif 'ansible.builtin.include_role' in value:
            asked = value['ansible.builtin.include_role']
            yield asked['name'], asked.get('tasks_from', 'main')
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from roles(part)


def used(path):
    """Give the variables of ours that a playbook uses, itself or by its
    roles."""
    plays = read(path)
    found = words(plays)
    for play in plays:
        for name in play.get('vars_files', ()):
            found |= words(read(path.parent / name))
    for role, tasks in roles(plays):
        place = PLAYBOOKS / 'roles' / role
        given = {**read(place / 'defaults' / 'main.yml'),
                 **read(place / 'vars' / 'main.yml')}
        reached = words(read(place / 'tasks' / f'{tasks}.yml'))
        while True:
            more = set().union(*(words(given[name])
                                 for name in reached & set(given)))
            if more <= reached:
                break
            reached |= more
        found |= reached
    return {name for name in found if name.startswith('baas_')}


class VariablesTest(unittest.TestCase):

    def setUp(self):
        self.used = {f'{path.parent.name}/{path.stem}': used(path)
                     for path in PLAYBOOKS.glob('steps/*/*.yaml')}

    def test_each_step_of_each_plan_has_a_playbook_and_no_other_is_there(
            self):
        self.assertEqual(
            {f'{plans.folder(kind)}/{step.name}'
             for kind, plan in plans.PLANS.items() for step in plan},
            set(self.used))

    def test_a_playbook_uses_only_what_it_is_given(self):
        for step, names in self.used.items():
            given = {*variables.of_step(*step.split('/')), 'baas_host_keys'}
            self.assertEqual(set(), names - given, step)

    def test_what_a_playbook_is_given_it_uses(self):
        everywhere = set().union(*self.used.values())
        for name, variable in variables.TABLE.items():
            self.assertIn(name, everywhere)
            self.assertEqual([], [step for step in variable.steps
                                  if name not in self.used[step]], name)

    def test_whom_a_play_is_for_is_a_variable_that_names_hosts(self):
        found = set()
        for path in PLAYBOOKS.glob('steps/*/*.yaml'):
            for play in read(path):
                found |= words(play['hosts'])
        self.assertEqual(set(variables.patterns()), found)

    def test_the_linter_is_told_of_all_of_them(self):
        told = read(TOP / '.ansible-lint')['extra_vars']
        self.assertEqual(dict.fromkeys(variables.patterns(), 'all'), told)


class FillTest(unittest.TestCase):
    values = {'baas_job': 'j', 'baas_epoch': 1, 'baas_nodes': 'a',
              'baas_folder': '/f', 'baas_python': '/p', 'baas_config': []}

    def fill(self, **more):
        return variables.fill('restore', 'prepare', {
            **self.values, 'baas_rescue': {}, **more})

    def test_a_step_gets_its_own(self):
        self.assertEqual({**self.values, 'baas_rescue': {}}, self.fill())

    def test_one_that_is_missing_is_named(self):
        with self.assertRaisesRegex(ValueError, 'baas_rescue is missing'):
            variables.fill('restore', 'prepare', self.values)

    def test_one_that_nobody_knows_is_named(self):
        with self.assertRaisesRegex(ValueError, 'baas_resuce is unknown'):
            self.fill(baas_resuce={})

    def test_one_of_another_type_is_named(self):
        with self.assertRaisesRegex(ValueError, 'baas_rescue is no dict'):
            self.fill(baas_rescue='nobody')

    def test_where_there_is_no_host_nobody_stands_for_it(self):
        self.assertEqual(['a,b', 'nobody', 'nobody'], [
            variables.hosts(names) for names in (['a', 'b'], [], None)])
