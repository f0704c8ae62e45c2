# SPDX-License-Identifier: Apache-2.0
"""What is said to users."""
import ast
import pathlib
import unittest

TOP = pathlib.Path(__file__).parents[3]


def sentences():
    """Give (place, text) of all texts of service and client."""
    for path in sorted([*TOP.glob('baas/**/*.py'),
                        *TOP.glob('baasclient/**/*.py')]):
        if 'tests' in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield f'{path.relative_to(TOP)}:{node.lineno}', node.value


class SentencesTest(unittest.TestCase):

    def test_no_sentence_names_a_command_that_another_client_may_have(self):
        self.assertEqual([], [
            place for place, text in sentences()
            if 'openstack backup' in ' '.join(text.split())])
