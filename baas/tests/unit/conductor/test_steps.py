# SPDX-License-Identifier: Apache-2.0
"""Plan, playbooks and classes of steps go by the same names."""
import pathlib
import unittest

import baas
from baas.conductor.steps import base
from baas.jobs import plans

PLAYBOOKS = pathlib.Path(baas.__file__).parents[1] / 'playbooks' / 'steps'
STEPS = pathlib.Path(base.__file__).parent


def names(folder, suffix):
    """Name what is in a folder (set of str)."""
    return {path.stem for path in folder.glob(f'*{suffix}')} - {'__init__'}


class TestSteps(unittest.TestCase):

    def test_each_step_of_each_plan_has_a_playbook_and_a_class(self):
        for kind, plan in plans.PLANS.items():
            for step in plan:
                with self.subTest(kind=kind, step=step.name):
                    path = PLAYBOOKS / plans.folder(kind)
                    self.assertTrue((path / f'{step.name}.yaml').exists())
                    found = base.load(kind, step.name)
                    self.assertTrue(issubclass(found, base.Step))

    def test_a_folder_of_steps_has_what_that_of_playbooks_has(self):
        for folder in PLAYBOOKS.iterdir():
            with self.subTest(folder.name):
                self.assertEqual(names(folder, '.yaml'),
                                 names(STEPS / folder.name, '.py'))

    def test_what_a_kind_has_of_its_own_is_in_its_plan_and_is_loaded(self):
        kinds = {kind.replace('-', '_'): kind for kind in plans.PLANS}
        for folder in (path for path in STEPS.iterdir()
                       if (path / '__init__.py').exists()):
            kind = kinds[folder.name]
            plan = {step.name for step in plans.build(kind)}
            self.assertLessEqual(names(folder, '.py'), plan, kind)
            for name in names(folder, '.py'):
                self.assertEqual(
                    f'baas.conductor.steps.{folder.name}.{name}',
                    base.load(kind, name).__module__)

    def test_one_that_nobody_wrote_is_an_error(self):
        self.assertRaises(ModuleNotFoundError, base.load, 'backup', 'dance')
        self.assertRaises(KeyError, plans.step, 'backup', 'dance')
