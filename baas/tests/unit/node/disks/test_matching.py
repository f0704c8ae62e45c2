# SPDX-License-Identifier: Apache-2.0
"""Which disk takes the place of which."""
import unittest

from baas.node.disks import matching
from baas.node import errors

GIB = 1 << 30
ONE, TWO = '0x5000c500a1b2c3d4', '0x5000c500a1b2c3d5'


def old(name='/dev/sda', size=8 * GIB, **more):
    """Give a disk of a backup."""
    return {'name': name, 'size': size, 'needed': size - (1 << 20),
            'sector': 512, 'wwn': '', 'serial': '', 'path': '',
            'drivers': ['virtio_blk'], 'marks': [], 'partitions': [],
            **more}


def new(name='/dev/sda', size=8 * GIB, **more):
    """Give a disk of a machine, blank unless something is on it."""
    content = more.get('marks') or more.get('partitions')
    return {'name': name, 'size': size, 'sector': 512, 'wwn': '',
            'serial': '', 'path': '', 'drivers': ['virtio_blk'], 'marks': [],
            'partitions': [], 'blank': not content, 'removable': False,
            'read_only': False,
            'used': '', **more}


class BootTest(unittest.TestCase):

    def fits(self, wanted, present):
        """Choose; tell whether the initrd of the backup will do."""
        return matching.boot_as_before(matching.choose([wanted], [present]),
                                       [wanted], [present])

    def test_a_new_disk_in_the_place_of_the_old_one_needs_no_new_initrd(self):
        self.assertTrue(self.fits(old(serial='S3Z1NB0K'),
                                  new(serial='S3Z1NB0L')))
        self.assertTrue(self.fits(old(), new(size=12 * GIB)))

    def test_one_with_another_name_or_driver_does(self):
        self.assertFalse(self.fits(old('/dev/sda'), new('/dev/sdb')))
        self.assertFalse(self.fits(old(), new(drivers=['ahci', 'sd'])))

    def test_one_of_which_it_is_not_known_does(self):
        self.assertFalse(self.fits(old(drivers=[]), new(drivers=[])))


class ChooseTest(unittest.TestCase):

    def pairs(self, wanted, present):
        """Choose; give {old: new}."""
        return {one['from']: one['to']
                for one in matching.choose(wanted, present)}

    def refused(self, wanted, present):
        """Choose in vain; give the sentence."""
        with self.assertRaises(errors.NodeError) as caught:
            matching.choose(wanted, present)
        self.assertTrue(caught.exception.hint)
        return caught.exception.cause

    def test_the_same_disk_is_found_under_another_name(self):
        for what, number in (('wwn', ONE), ('serial', 'S3Z1NB0K')):
            self.assertEqual(
                {'/dev/sda': '/dev/sdc'},
                self.pairs([old(**{what: number})],
                           [new('/dev/sda'), new('/dev/sdb'),
                            new('/dev/sdc', 16 * GIB, **{what: number})]),
                what)

    def test_swapped_disks_keep_what_they_had(self):
        self.assertEqual(
            {'/dev/sda': '/dev/sdb', '/dev/sdb': '/dev/sda'},
            self.pairs([old('/dev/sda', wwn=ONE), old('/dev/sdb', wwn=TWO)],
                       [new('/dev/sda', wwn=TWO), new('/dev/sdb', wwn=ONE)]))

    def test_a_number_that_two_disks_have_says_nothing(self):
        both = [old('/dev/sda', serial='S3Z1NB0K', path='a'),
                old('/dev/sdb', serial='S3Z1NB0K', path='b')]
        self.assertEqual(
            {'/dev/sda': '/dev/sdb', '/dev/sdb': '/dev/sda'},
            self.pairs(both, [new('/dev/sda', serial='S3Z1NB0K', path='b'),
                              new('/dev/sdb', serial='S3Z1NB0K', path='a')]))

    def test_what_a_broken_off_restore_has_written_tells_the_disk(self):
        wanted = [old(marks=['root', 'boot'])]
        self.assertEqual(
            {'/dev/sda': '/dev/sdb'},
            self.pairs(wanted, [new('/dev/sda'),
                                new('/dev/sdb', marks=['boot'])]))

    def test_partitions_that_it_had_begun_to_make_are_its_own(self):
        wanted = [old(partitions=[[1, 2], [3, 4]])]
        self.assertEqual({'/dev/sda': '/dev/sda'}, self.pairs(
            wanted, [new(partitions=[[1, 2]])]))

    def test_a_disk_of_somebody_else_is_not_taken(self):
        for content in ({'marks': ['data']}, {'partitions': [[1, 9]]},
                        {'partitions': [[1, 2]], 'marks': ['data']}):
            said = self.refused([old(path='p', partitions=[[1, 2]])],
                                [new(path='p', **content)])
            self.assertIn('not blank', said)

    def test_the_place_decides_between_equal_disks(self):
        self.assertEqual(
            {'/dev/sda': '/dev/sdb'},
            self.pairs([old(path='bay-2')], [new('/dev/sda', path='bay-1'),
                                             new('/dev/sdb', path='bay-2')]))

    def test_the_size_decides_before_the_order(self):
        self.assertEqual(
            {'/dev/sda': '/dev/sdb'},
            self.pairs([old()], [new('/dev/sda', 16 * GIB),
                                 new('/dev/sdb')]))

    def test_two_equal_disks_for_one_are_refused(self):
        said = self.refused([old()], [new('/dev/sda'), new('/dev/sdb')])
        self.assertIn('more than one disk for /dev/sda: /dev/sda, /dev/sdb',
                      said)

    def test_two_larger_disks_for_one_are_refused(self):
        said = self.refused([old()], [new('/dev/sda', 9 * GIB),
                                      new('/dev/sdb', 16 * GIB)])
        self.assertIn('more than one', said)

    def test_as_many_equal_blank_disks_as_there_were_are_taken_in_order(self):
        self.assertEqual(
            {'/dev/sda': '/dev/sdb', '/dev/sdb': '/dev/sdk'},
            self.pairs([old('/dev/sda'), old('/dev/sdb')],
                       [new('/dev/sdk'), new('/dev/sdb')]))

    def test_the_only_larger_disk_is_taken_and_says_so(self):
        [found] = matching.choose([old()], [new(size=12 * GIB)])
        self.assertEqual((12 * GIB, 'the only one that is large enough'),
                         (found['size'], found['why']))

    def test_larger_disks_are_given_out_by_size(self):
        self.assertEqual(
            {'/dev/sda': '/dev/sdx', '/dev/sdb': '/dev/sdy'},
            self.pairs([old('/dev/sda', 4 * GIB), old('/dev/sdb')],
                       [new('/dev/sdy', 9 * GIB), new('/dev/sdx', 5 * GIB)]))

    def test_a_disk_that_is_too_small_is_refused_with_figures(self):
        said = self.refused([old()], [new(size=4 * GIB)])
        self.assertIn('/dev/sda: it has 4096 MiB and 8191 MiB are needed',
                      said)

    def test_one_that_is_a_little_smaller_and_has_room_is_taken(self):
        self.assertEqual({'/dev/sda': '/dev/sda'}, self.pairs(
            [old(needed=7 * GIB)], [new(size=8 * GIB - 512)]))

    def test_its_own_disk_with_other_sectors_is_of_the_wrong_kind(self):
        said = self.refused([old(wwn=ONE)], [new(wwn=ONE, sector=4096)])
        self.assertIn('sectors have 4096 bytes in place of 512', said)

    def test_what_cannot_be_written_is_passed_over_and_named(self):
        for what in ({'removable': True}, {'read_only': True},
                     {'used': '/mnt'}):
            said = self.refused([old(wwn=ONE)], [new(wwn=ONE, **what)])
            self.assertIn('/dev/sda: it is', said)

    def test_a_machine_without_disks_says_so(self):
        self.assertIn('the machine has none', self.refused([old()], []))

    def test_all_others_are_left_alone(self):
        present = [new('/dev/sda', wwn=ONE), new('/dev/sdb')]
        chosen = matching.choose([old(wwn=ONE)], present)
        self.assertEqual(['/dev/sdb'], matching.left_alone(chosen, present))
