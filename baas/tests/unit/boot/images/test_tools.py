# SPDX-License-Identifier: Apache-2.0
import unittest

from baas.boot import base
from baas.boot.images import tools


class ToolsTest(unittest.TestCase):

    def refused(self, *words):
        with self.assertRaises(base.BootError) as caught:
            tools.run(words)
        return caught.exception

    def test_what_a_program_prints_is_given(self):
        self.assertEqual(b'a b', tools.run(['printf', 'a b']))

    def test_one_that_is_not_installed_is_told_with_its_package(self):
        self.assertEqual([], tools.missing('sh'))
        error = self.refused('baas-no-such-program', '--version')
        self.assertIn('baas-no-such-program is not installed', str(error))
        self.assertIn('Install package baas-no-such-program', error.hint)

    def test_one_that_fails_is_told_with_its_last_words(self):
        error = self.refused('sh', '-c', 'echo no room >&2; exit 3')
        self.assertIn('sh ended with 3: no room', str(error))
        self.assertIn('has room', error.hint)
