# SPDX-License-Identifier: Apache-2.0
"""The file to source that the first start makes."""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from oslo_config import cfg

from baas.cmd import standalone
from baas.conf import opts


class RcFileTest(unittest.TestCase):

    def test_each_shell_has_nothing_but_what_it_says(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        conf = cfg.ConfigOpts()
        opts.register(conf)
        conf([], default_config_files=[], default_config_dirs=[])
        conf.set_override('state_path', folder.name)
        standalone._make_password(conf, pathlib.Path(folder.name))
        asked = 0
        for shell in ('sh', 'dash', 'bash', 'zsh', 'ksh'):
            program = shutil.which(shell)
            if program is None:
                continue
            asked += 1
            done = subprocess.run(
                [program, '-c', f'set -eu; . {folder.name}/baasrc; env'],
                env={'PATH': '/usr/bin:/bin', 'OS_CLOUD': 'other',
                     'OS_AUTH_URL': 'http://x/?a=OS_B=1', 'HOS_T': 'stays'},
                text=True, capture_output=True, check=True, timeout=60)
            found = dict(line.split('=', 1)
                         for line in done.stdout.splitlines())
            with self.subTest(shell=shell):
                self.assertEqual(
                    ['OS_AUTH_TYPE', 'OS_ENDPOINT', 'OS_PASSWORD',
                     'OS_USERNAME'],
                    sorted(name for name in found if name.startswith('OS_')))
                self.assertEqual('stays', found['HOS_T'])
                self.assertEqual('http://127.0.0.1:9533',
                                 found['OS_ENDPOINT'])
        self.assertTrue(asked)
