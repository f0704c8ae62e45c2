# SPDX-License-Identifier: Apache-2.0
import unittest

from oslo_config import cfg

from baas.boot import base
from baas.boot import driver
from baas.conf import opts
from baas import errors


class LoadTest(unittest.TestCase):

    def setUp(self):
        super().setUp()
        self.conf = cfg.ConfigOpts()
        opts.register(self.conf)
        self.conf([], default_config_files=[], default_config_dirs=[])

    def test_the_configured_method_is_made_unless_another_is_named(self):
        for method in ('manual', 'ssh'):
            self.conf.set_override('method', method, 'boot')
            made = driver.load(self.conf)
            self.assertIsInstance(made, base.Boot)
            self.assertEqual(method == 'ssh', made.already_running)
        self.assertTrue(driver.load(self.conf, 'manual').is_manual)

    def test_one_that_is_not_installed_any_more_is_named(self):
        with self.assertRaises(errors.ConfigurationError) as caught:
            driver.load(self.conf, 'floppy')
        self.assertIn('no boot method floppy', str(caught.exception))
        self.assertIn('[boot] method', caught.exception.hint)
