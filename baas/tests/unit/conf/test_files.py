# SPDX-License-Identifier: Apache-2.0
"""Which configuration files were read, for whoever reads them again."""
import os
import pathlib
import tempfile
import unittest

from oslo_config import cfg

from baas.conf import opts


class FilesTest(unittest.TestCase):

    def test_paths_that_were_relative_lead_there_from_anywhere(self):
        with tempfile.TemporaryDirectory() as folder:
            here = pathlib.Path(folder).resolve()
            (here / 'etc' / 'more').mkdir(parents=True)
            for path in ('etc/baas.conf', 'etc/more/1.conf'):
                (here / path).write_text('[DEFAULT]\nstate_path = /x\n')
            before = os.getcwd()
            self.addCleanup(os.chdir, before)
            os.chdir(here)
            conf = cfg.ConfigOpts()
            opts.register(conf)
            opts.read(['--config-file', 'etc/baas.conf',
                       '--config-dir=etc/more'], 'baas-conductor', conf)
            self.assertEqual([str(here / 'etc' / 'baas.conf')],
                             conf.config_file)
            self.assertEqual([str(here / 'etc' / 'more')], conf.config_dir)
            self.assertEqual('/x', conf.state_path)
