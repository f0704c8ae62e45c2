# SPDX-License-Identifier: Apache-2.0
"""Room that a node needs before anything is done to it."""
import os

from baas.node.backup import room
from baas.tests.unit.node import awkward
from baas.tests.unit.node import base
from baas.tests.unit.node import standins


class RoomTest(base.NodeTest):

    def causes(self, stops=True):
        return [one['cause'] for one in room.problems(stops)]

    def mount(self, name, *words):
        """Mount something below the folder of the test; give its path."""
        path = self.path(name)
        os.mkdir(path)
        awkward.run('mount', *words, path)
        self.addCleanup(awkward.run, 'umount', path)
        return path

    def containers_on(self, options):
        """Have a container's own layer on a file system of its own; give the
        folder that it writes to."""
        disk = self.mount('disk', '-t', 'tmpfs', '-o', options, 'none')
        for name in ('lower', 'upper', 'work'):
            os.mkdir(os.path.join(disk, name))
        self.mount('merged', '-t', 'overlay', '-o', ','.join(
            '%s=%s/%s' % (key + 'dir', disk, key)
            for key in ('lower', 'upper', 'work')), 'overlay')
        return os.path.join(disk, 'upper')

    def test_too_little_room_for_metadata_is_told(self):
        self.assertNotIn('metadata', str(self.causes()))
        self.addCleanup(setattr, room, 'METADATA', room.METADATA)
        room.METADATA = 1 << 62
        self.assertRegex(str(self.causes(stops=False)),
                         r'/var/lib has \d+ MiB free')

    @base.needs_root
    def test_a_full_overlay_would_keep_containers_from_starting_again(self):
        upper = self.containers_on('size=8m')
        [cause] = self.causes()
        self.assertRegex(cause, 'The file system of %s has [78] of 16 MiB '
                                'free: ' % upper)
        self.assertEqual([], self.causes(stops=False))

    @base.needs_root
    def test_so_would_one_that_takes_no_more_files(self):
        upper = self.containers_on('size=64m,nr_inodes=20')
        [cause] = self.causes()
        self.assertRegex(cause, r'The file system of %s takes \d+ of 64 '
                                'files more: ' % upper)

    def test_one_that_does_not_tell_is_not_one_that_is_not_there(self):
        self.addCleanup(setattr, room, '_WRITTEN', room._WRITTEN)
        room._WRITTEN = (self.path('none'),)
        self.assertEqual([], self.causes())
        # A path is longer than any may be: the kernel refuses to look.
        room._WRITTEN = (self.path('x' * 300),)
        [cause] = self.causes()
        self.assertRegex(cause, 'does not tell what room it has: File name ')

    @base.needs_root
    def test_one_with_room_is_no_problem(self):
        self.containers_on('size=64m')
        self.assertEqual([], self.causes())

    @base.needs_root
    def test_the_check_asks_for_it_only_where_services_are_stopped(self):
        self.containers_on('size=8m')
        standins.units(self, a__service={'ActiveState': 'active'})
        for mode, units, told in (('stop', ['a.service'], True),
                                  ('freeze', ['a.service'], False),
                                  ('stop', [], False)):
            with self.subTest(mode=mode, units=units):
                _, said = self.call('check', '--epoch', '1', mode=mode,
                                    units=units)
                self.assertIs(told, 'would not start again' in str(
                    said['result']['problems']))
