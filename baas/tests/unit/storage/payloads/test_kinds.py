# SPDX-License-Identifier: Apache-2.0
import unittest

from baas import errors
from baas.storage import payloads


class KindsTest(unittest.TestCase):

    def test_each_kind_can_be_verified_and_removed(self):
        for name in payloads.KINDS:
            found = payloads.of(name)
            for function in ('require', 'verify', 'remove'):
                self.assertTrue(callable(getattr(found, function)))

    def test_one_of_a_later_release_is_refused_and_the_known_are_named(self):
        with self.assertRaises(errors.ConfigurationError) as caught:
            payloads.of('borg')
        self.assertIn('no payload of kind borg', str(caught.exception))
        self.assertIn('restic, tar', caught.exception.hint)
