# SPDX-License-Identifier: Apache-2.0
"""Options of verification that are out of range are refused by name."""
import pathlib
import tempfile
import unittest

from oslo_config import cfg

from baas.conf import check
from baas import errors


class OptionsTest(unittest.TestCase):

    def load(self, line):
        """Start with one option in the file."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / 'baas.conf'
            path.write_text(f'[DEFAULT]\nlog_dir = {folder}\n'
                            f'[verification]\n{line}\n')
            check.load(['--config-file', str(path)], 'test',
                       cfg.ConfigOpts())

    def test_what_is_out_of_range_is_refused_by_name(self):
        for line in ('tolerance = -1', 'tolerance = 100.1',
                     'count_tolerance = 101', 'period = 400', 'hour = 24',
                     'clock_skew = -5', 'spot_check_share = 0%',
                     'spot_check_share = 2', 'tolerance = much'):
            with self.subTest(line), self.assertRaisesRegex(
                    errors.ConfigurationError, line.split()[0]) as raised:
                self.load(line)
            self.assertIn('verification', str(raised.exception))
