# SPDX-License-Identifier: Apache-2.0
import os

from baas.node import errors
from baas.node.restore import target_check
from baas.tests.unit.node import awkward
from baas.tests.unit.node import base
from baas.tests.unit.node import standins


class BlankTest(base.NodeTest):

    def test_the_root_of_the_rescue_itself_is_refused(self):
        with self.assertRaises(errors.NodeError):
            target_check.require_blank('/', base.JOB)

    def test_a_folder_that_is_no_mount_point_is_refused(self):
        with self.assertRaises(errors.NodeError):
            target_check.require_blank(self.folder, base.JOB)


@base.needs_root
class DiskTest(base.NodeTest):
    """A disk that is mounted where a node is to come back."""

    def mount(self, *words):
        os.mkdir(self.path('disk'))
        awkward.run('mount', *words, self.path('disk'))
        self.addCleanup(awkward.run, 'umount', self.path('disk'))

    def check(self, **options):
        return target_check.check_disk(self.asked(
            'check_disk', root=self.path('disk'), **options))

    def refused(self, words, **options):
        with self.assertRaisesRegex(errors.NodeError, words):
            self.check(**options)

    def test_a_blank_disk_with_enough_room_will_do(self):
        self.mount('-t', 'tmpfs', '-o', 'size=8m', 'none')
        found = self.check(needed=1 << 20)
        self.assertEqual(('tmpfs', False), (found['fstype'], found['begun']))
        self.refused('/disk has [78] MiB free and 9 MiB are', needed=9 << 20)
        self.write('disk/.baas-restore/restore.json', '{"job": "%s"}'
                   % base.JOB)
        # What this restore has written itself does not count.
        self.assertTrue(self.check(needed=9 << 20)['begun'])

    def test_what_the_payload_needs_is_missed_before_anything_is_written(
            self):
        self.mount('-t', 'tmpfs', 'none')
        standins.only(self)
        self.refused('There is no tar', payload='tar')

    def test_the_disk_that_this_system_runs_from_is_refused(self):
        self.mount('--bind', '/')
        self.refused('that this system itself runs from')
