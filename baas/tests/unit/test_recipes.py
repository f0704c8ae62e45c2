# SPDX-License-Identifier: Apache-2.0
"""The recipes of CONTRIBUTING.rst lead to files that are there."""
import pathlib
import re
import unittest

import baas

TOP = pathlib.Path(baas.__file__).parent.parent
RECIPES = TOP / 'CONTRIBUTING.rst'
PATH = re.compile(r'``((?:baas|baasclient|doc|playbooks|tools)/[^`\s]+)``')


class RecipesTest(unittest.TestCase):

    def setUp(self):
        if not RECIPES.exists():
            self.skipTest('An installed package has no CONTRIBUTING.rst')
        self.named = PATH.findall(RECIPES.read_text(encoding='utf-8'))

    def test_each_file_that_a_recipe_names_is_there(self):
        self.assertEqual([], sorted({
            path for path in self.named
            if '<' not in path and not (TOP / path).exists()}))

    def test_each_folder_of_a_file_that_is_to_be_made_is_there(self):
        folders = {path.split('<')[0].rpartition('/')[0]
                   for path in self.named if '<' in path}
        self.assertEqual([], sorted(
            folder for folder in folders if not (TOP / folder).is_dir()))
