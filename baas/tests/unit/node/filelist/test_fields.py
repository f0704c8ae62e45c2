# SPDX-License-Identifier: Apache-2.0
import ast
import pathlib
import re
import unittest

import baas
from baas.node.filelist import fields

TOP = pathlib.Path(baas.__file__).parent
READERS = [*TOP.glob('node/filelist/*.py'),
           TOP / 'storage/payloads/tar_compare.py']
LETTERS = {name: value for name, value in vars(fields).items()
           if name.isupper()}


class FieldsTest(unittest.TestCase):

    def test_no_letter_means_two_things(self):
        self.assertEqual(14, len(LETTERS))
        self.assertEqual(14, len(set(LETTERS.values())))

    def test_nobody_says_a_letter_in_place_of_its_name(self):
        found = [f'{path.name}:{line}' for path in READERS
                 for line in said(ast.parse(path.read_text()))]
        self.assertEqual([], found)

    def test_a_letter_is_seen(self):
        for text in ("entry['p']", "entry.get('a', 0)", "'i' in entry",
                     "{'t': kind}"):
            self.assertTrue(list(said(ast.parse(text))), text)

    def test_the_manual_has_every_letter(self):
        page = TOP.parent / 'doc/source/reference/storage-format.rst'
        self.assertLessEqual(set(LETTERS.values()), set(
            re.findall(r'^``(\w)``  ', page.read_text(), re.M)))


def said(tree):
    """Give the lines in which a letter is a key."""
    for one in ast.walk(tree):
        keys = []
        if isinstance(one, ast.Subscript):
            keys = [one.slice]
        elif isinstance(one, ast.Compare) and isinstance(
                one.ops[0], (ast.In, ast.NotIn)):
            keys = [one.left]
        elif isinstance(one, ast.Call) and isinstance(
                one.func, ast.Attribute) and one.func.attr == 'get':
            keys = one.args[:1]
        elif isinstance(one, ast.Dict) and not all(
                isinstance(value, ast.Attribute) for value in one.values):
            keys = one.keys
        if any(isinstance(key, ast.Constant)
               and key.value in LETTERS.values() for key in keys):
            yield one.lineno
