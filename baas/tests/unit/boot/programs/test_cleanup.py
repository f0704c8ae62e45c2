# SPDX-License-Identifier: Apache-2.0
import json
import types

from oslo_config import cfg

from baas.boot import driver
from baas.boot.programs import cleanup
from baas.db import boot_undos
from baas import program
from baas.tests.unit.boot import site


class CleanupTest(site.SiteTest):
    """Has images of a restore that are served."""
    method = 'manual'

    def setUp(self):
        super().setUp()
        self.owed = self.undo()
        self.published(['kernel'], self.owed)

    def power(self, undo, **job):
        """Tell what becomes of the machine, by a job file."""
        path = self.folder / 'job.json'
        path.write_text(json.dumps(job))
        return cleanup._power(types.SimpleNamespace(
            job=program.Job(program.State('cleanup', path)), undo=undo))

    def test_it_tries_again_until_it_succeeds(self):
        self.addCleanup(setattr, cleanup, '_PAUSE', cleanup._PAUSE)
        cleanup._PAUSE, said = 0.01, []
        other = self.folder / 'other'
        other.mkdir()
        self.configure('boot', images_dir=str(other))

        def report(_percent, text):
            said.append(text)
            self.assertIn('still served', boot_undos.get(
                self.job.id, site.NODE).error)
            self.configure('boot', images_dir=str(self.images))

        self.assertEqual(2, cleanup.run(
            cfg.CONF, driver.load(cfg.CONF), self.machine(), self.owed,
            'keep', report))
        self.assertRegex(said[0], 'trying again .*: .* still served')
        self.assertEqual({}, self.undos())

    def test_what_the_restore_wanted_of_the_power_counts_later_too(self):
        self.assertEqual('off', self.power(self.owed, power='off'))
        self.assertEqual('off', self.power(self.undo()))
        nothing = self.undo(self.claimed())
        self.assertEqual('keep', self.power(nothing))
        self.assertEqual('off', self.power(nothing, power='off'))
        self.assertEqual('keep', self.power(nothing))
