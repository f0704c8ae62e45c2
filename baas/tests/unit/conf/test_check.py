# SPDX-License-Identifier: Apache-2.0
import pathlib
import tempfile
import unittest

from oslo_config import cfg

from baas.conf import check
from baas.conf import opts
from baas import errors


class CheckTest(unittest.TestCase):

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def check(self, **sections):
        """Have these sections in a file of a folder, and check it."""
        (self.folder / '10-site.conf').write_text(''.join(
            f'[{name}]\n{text}\n' for name, text in sections.items()))
        conf = cfg.ConfigOpts()
        opts.register(conf)
        conf(['--config-dir', str(self.folder)], default_config_files=[],
             default_config_dirs=[])
        check.check(conf)

    def refused(self, words, **sections):
        with self.assertRaises(errors.ConfigurationError) as caught:
            self.check(**sections)
        self.assertIn(words, str(caught.exception))
        return caught.exception.hint

    def test_the_files_of_a_folder_are_looked_at(self):
        self.check(quiesce='mode = freeze')
        self.assertIn('Write mode', self.refused(
            f'{self.folder}/10-site.conf has option moed',
            quiesce='moed = freeze'))

    def test_a_kind_of_authentication_that_is_not_installed_is_named(self):
        self.assertIn('Set it to password', self.refused(
            'auth_type of section [keystone_authtoken] is v9magic',
            keystone_authtoken='auth_type = v9magic'))

    def test_a_section_that_another_leads_to_is_known(self):
        where = 'auth_section = of_the_service'
        good = 'auth_type = password\nusername = baas\npassword = x'
        self.check(keystone_authtoken=where, of_the_service=good)
        self.refused('has option usrname in section [of_the_service]',
                     keystone_authtoken=where,
                     of_the_service=f'{good}\nusrname = baas')
        self.refused('section [of_the_service], which nobody knows',
                     of_the_service=good)
