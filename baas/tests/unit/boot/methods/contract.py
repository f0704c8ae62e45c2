# SPDX-License-Identifier: Apache-2.0
"""What every boot method must do; a mixin for one test class a driver.

The class is a :class:`baas.tests.unit.boot.site.SiteTest` as well. It gives
``seen()``, all of the world that the method could change, ``told()``, whether
the machine would boot the rescue system next (None where only a person
knows), and ``files``."""
import contextlib
import itertools
import json

from oslo_config import cfg

from baas.boot import driver
from baas.boot.images import image_urls
from baas.db import boot_undos
from baas.db import jobs
from baas.tests.unit.boot import site


class Killed(BaseException):
    """The process ends here."""


class Acts:
    """What one does with a boot method."""
    files = ()

    def boot(self):
        """Give the driver, as one who comes anew loads it."""
        return driver.load(cfg.CONF)

    def begin(self, undo=None):
        """Boot the rescue system; give what was said to the log."""
        undo, said = undo or self.undo(), []
        images = self.published(self.files, undo) if self.files else None
        self.boot().start(self.machine(), images, undo, said.append)
        return said

    def cleanup(self, undo=None, power='keep'):
        """Put back, and withdraw, as the program does."""
        undo = undo or self.undo()
        self.boot().cleanup(self.machine(), undo, power)
        image_urls.withdraw(cfg.CONF, undo)
        undo.finish()

    def assertAsBefore(self, before):
        """Demand that nothing is changed and nothing pending."""
        self.assertEqual(before, self.seen())
        self.assertEqual({}, self.undos())
        self.assertEqual(['index.html'],
                         sorted(site.tree(self.images)))


class BootContract(Acts):
    """The contract of :class:`baas.boot.base.Boot`."""

    def told(self):
        """Tell whether the machine would boot the rescue system next."""

    def assertTold(self, told):
        """Demand that it would, or would not."""
        self.assertIn(self.told(), (told, None))

    def test_the_files_it_asks_for_are_those_of_a_rescue_image(self):
        self.assertEqual(self.files, self.boot().files(self.machine()))

    def test_a_good_machine_has_no_problems_and_looking_changes_nothing(self):
        before = self.seen()
        self.assertEqual([], self.boot().problems(self.machine()))
        self.assertEqual(before, self.seen())
        self.assertIsNone(boot_undos.get(self.job.id, site.NODE))

    def test_nothing_is_put_back_where_nothing_was_begun(self):
        before = self.seen()
        self.cleanup()
        self.assertAsBefore(before)

    def test_from_boot_to_disk_to_how_it_was(self):
        before = self.seen()
        self.begin()
        self.assertTold(True)
        self.assertNotIn('PRIVATE KEY', json.dumps(self.undos()))
        for _ in range(2):
            self.boot().boot_from_disk(self.machine(), self.undo())
            self.assertTold(False)
        for _ in range(2):
            self.cleanup()
            self.assertAsBefore(before)

    def test_one_who_begins_again_still_knows_what_was_before(self):
        before = self.seen()
        with contextlib.suppress(Killed):
            self.begin(limited(self.undo(), 3))
        self.begin()
        self.assertTold(True)
        self.cleanup()
        self.assertAsBefore(before)

    def test_killed_before_or_after_any_line_of_its_debt(self):
        before = self.seen()
        for writes in itertools.count():
            undo = self.undo()
            try:
                self.begin(limited(undo, writes))
            except Killed:
                self.cleanup()
                self.assertAsBefore(before)
            else:
                self.cleanup()
                self.assertAsBefore(before)
                break
        self.assertLess(writes, 20)

    def test_who_lost_the_claim_changes_nothing(self):
        stale = self.undo()
        before = self.seen()
        jobs.take_over(self.job.id, self.job.epoch, 'second', 60)
        if self.boot().already_running or not self.files:
            return
        self.assertRaises(boot_undos.LeaseLost, self.begin, stale)
        self.assertEqual(before, self.seen())
        self.assertIsNone(boot_undos.get(self.job.id, site.NODE))


def limited(undo, writes):
    """Let the process end before it writes once more than it may."""
    write, left = undo._write, [writes]

    def limited(undos):
        if not left[0]:
            raise Killed
        left[0] -= 1
        write(undos)

    undo._write = limited
    return undo
