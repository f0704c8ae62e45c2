# SPDX-License-Identifier: Apache-2.0
"""A repository of another cloud, with real restic."""
import unittest

from baas.storage import base
from baas.storage.payloads import restic_cli
from baas.tests.unit.storage import places
from baas.tests.unit.storage import site


class ForeignRepositoryTest(unittest.TestCase):

    def test_it_is_read_without_a_lock_and_never_changed(self):
        here = site.Site(self.addCleanup)
        snapshot = here.capture('b1', size=1000)['snapshot']
        here.storage.read_only = True
        conf = places.configuration(
            here.state, payload={'restic': str(here.restic)})
        with places.read_only(here.root), restic_cli.Repository(
                conf, here.storage, here.key, site.NODE,
                here.folder / 'run-of-it') as repository:
            copied = repository.copy(here.folder / 'copy', [snapshot])
            self.assertEqual({snapshot}, set(copied))
            with self.assertRaises(base.ReadOnly):
                repository.change('forget', snapshot)
            self.assertEqual(2, len(repository.snapshots()))
