# SPDX-License-Identifier: Apache-2.0
import unittest

from baas.conf import quiesce


class DurationTest(unittest.TestCase):

    def test_a_default_in_the_sample_file_is_read_as_what_it_is(self):
        found = [opt for opt in quiesce.OPTS
                 if opt.type == quiesce._Duration()]
        self.assertTrue(found)
        for opt in found:
            [text] = opt.type.format_defaults(opt.default)
            self.assertEqual(opt.type(opt.default), opt.type(text), opt.name)
