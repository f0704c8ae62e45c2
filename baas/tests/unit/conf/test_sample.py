# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import subprocess
import sys
import unittest

import baas

TOP = pathlib.Path(baas.__file__).parents[1]


@unittest.skipUnless((TOP / 'etc').exists(), 'There is no checkout')
class SampleTest(unittest.TestCase):

    def test_the_sample_is_made_without_a_word(self):
        environ = {name: value for name, value in os.environ.items()
                   if name != 'PYTHONWARNINGS'}
        done = subprocess.run(
            [sys.executable, '-m', 'baas.conf.sample', '--config-file',
             'etc/baas/config-generator.conf', '--output-file',
             '/dev/stdout'], cwd=TOP, env=environ, text=True,
            capture_output=True, timeout=300)
        self.assertEqual((0, ''), (done.returncode, done.stderr))
        for words in ('#state_path = /var/lib/baas', '[oslo_messaging_rabbit]',
                      '[payload]'):
            self.assertIn(words, done.stdout)


if __name__ == '__main__':
    unittest.main()
