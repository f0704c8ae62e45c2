# SPDX-License-Identifier: Apache-2.0
"""No disk of somebody else is written over for one number that it has."""
import unittest

import hypothesis
from hypothesis import strategies

from baas.node.disks import matching
from baas.node import errors
from baas.tests.unit.node.disks.test_matching import GIB
from baas.tests.unit.node.disks.test_matching import new
from baas.tests.unit.node.disks.test_matching import old

WWNS = ('0x5000c500a1b2c3d4', '0x5000c500a1b2c3d5', '0x5002538e40000001')
SERIALS = ('S3Z1NB0K424242', 'S3Z1NB0K424243', 'WD-WCC4N5PF96YL')
FILLERS = ('', '0x0000000000000000', 'None', 'QM00001', '0123456789ABCDEF')
ZERO = '0x0000000000000000'
DATA = {'marks': ['data'], 'partitions': [[1, 9]]}


class TableTest(unittest.TestCase):
    """One disk of the backup; what the machine has; what is chosen."""

    def chosen(self, present, wanted=None, known=()):
        """Choose for one disk; give the name and the reason."""
        wanted = wanted or old(wwn=WWNS[0], serial=SERIALS[0], path='bay-1')
        [found] = matching.choose([wanted], present, known)
        return found['to'], found['why']

    def refused(self, present, wanted=None, known=()):
        """Choose in vain; give cause and hint."""
        with self.assertRaises(errors.NodeError) as caught:
            self.chosen(present, wanted, known)
        return caught.exception.cause, caught.exception.hint

    def test_a_full_disk_with_the_same_zeros_for_a_wwn_is_left_alone(self):
        wanted = old(wwn=ZERO, serial=SERIALS[0], path='bay-1')
        self.assertEqual(('/dev/sda', 'the same place'), self.chosen(
            [new(wwn=WWNS[2], serial=SERIALS[2], path='bay-1'),
             new('/dev/sdb', 20 * GIB, wwn=ZERO, serial=SERIALS[1],
                 path='bay-2', **DATA)], wanted))

    def test_with_the_same_zeros_the_serial_number_tells_the_disk(self):
        wanted = old(wwn=ZERO, serial=SERIALS[0], path='bay-1')
        self.assertEqual(('/dev/sdb', 'the same serial number'), self.chosen(
            [new('/dev/sda', wwn=ZERO, serial=SERIALS[1], path='bay-2'),
             new('/dev/sdb', wwn=ZERO, serial=SERIALS[0], path='bay-1',
                 **DATA)], wanted))

    def test_a_number_that_no_maker_gave_chooses_no_full_disk(self):
        for filler in FILLERS:
            for what in ('wwn', 'serial'):
                cause, hint = self.refused(
                    [new(**{what: filler}, **DATA)], old(**{what: filler}))
                self.assertIn('/dev/sda: it is not blank', cause)
                self.assertIn('If /dev/sda is meant to be overwritten', hint)
        self.assertIn('serial number QM00001 is the same, which does not',
                      self.refused([new(serial='QM00001', **DATA)],
                                   old(serial='QM00001'))[0])

    def test_a_number_of_two_present_disks_chooses_none(self):
        cause, _ = self.refused(
            [new('/dev/sda', serial=SERIALS[0], **DATA),
             new('/dev/sdb', 9 * GIB, serial=SERIALS[0], **DATA)],
            old(serial=SERIALS[0]))
        self.assertIn('which more than one disk has', cause)
        self.assertEqual(('/dev/sdb', 'the same size'), self.chosen(
            [new('/dev/sda', 9 * GIB, serial=SERIALS[0], **DATA),
             new('/dev/sdb', serial=SERIALS[0])], old(serial=SERIALS[0])))

    def test_a_number_of_another_disk_of_the_node_chooses_none(self):
        wanted = old(serial=SERIALS[0])
        data = old('/dev/sdb', serial=SERIALS[0])
        self.refused([new(serial=SERIALS[0], **DATA)], wanted,
                     [wanted, data])
        # It is the disk that the node had, and is told of by itself.
        self.assertEqual(('/dev/sda', 'the same serial number'), self.chosen(
            [new(serial=SERIALS[0], **DATA)], wanted, [wanted]))

    def test_what_is_another_disk_of_the_node_is_not_taken(self):
        wanted = old(wwn=WWNS[0])
        cause, _ = self.refused(
            [new(wwn=WWNS[0], serial=SERIALS[1], **DATA)], wanted,
            [wanted, old('/dev/sdb', serial=SERIALS[1])])
        self.assertIn('it has the serial number of /dev/sdb', cause)

    def test_each_witness_that_contradicts_saves_a_full_disk(self):
        one = {'wwn': WWNS[0], 'serial': SERIALS[0], 'path': 'bay-1'}
        for more, said in (
                ({'serial': SERIALS[1]},
                 'its WWN is the same, but its serial number is '
                 'S3Z1NB0K424243 in place of S3Z1NB0K424242'),
                ({'wwn': WWNS[1]},
                 'its serial number is the same, but its WWN is '
                 '0x5000c500a1b2c3d5 in place of 0x5000c500a1b2c3d4'),
                ({'size': 9 * GIB}, 'bytes in place of'),
                ({'sector': 4096}, 'its sectors have 4096'),
                ({'serial': '', 'path': 'bay-2'},
                 'its place is bay-2 in place of bay-1'),
                ({'wwn': ZERO, 'path': 'bay-2'},
                 'its place is bay-2 in place of bay-1')):
            present = new(**{**one, **more}, **DATA)
            cause, hint = self.refused([present])
            self.assertIn(said, cause)
            self.assertTrue(hint)

    def test_a_blank_disk_stands_in_for_the_one_that_is_doubted(self):
        self.assertEqual(('/dev/sdb', 'the same size'), self.chosen(
            [new('/dev/sda', wwn=WWNS[0], serial=SERIALS[1], **DATA),
             new('/dev/sdb', wwn=WWNS[2], serial=SERIALS[2])]))

    def test_not_even_a_blank_disk_is_chosen_by_a_doubted_number(self):
        self.assertEqual(('/dev/sdb', 'the same place'), self.chosen(
            [new('/dev/sda', wwn=WWNS[0], serial=SERIALS[1]),
             new('/dev/sdb', wwn=WWNS[2], path='bay-1')]))

    def test_content_without_an_identifier_is_content(self):
        wanted = old(partitions=[[1, 2]], path='bay-1')
        self.refused([new(path='bay-1', partitions=[[1, 2]], content=True)],
                     wanted)
        self.assertEqual('/dev/sda', self.chosen(
            [new(path='bay-1', partitions=[[1, 2]], content=False)],
            wanted)[0])

    def test_the_disk_of_the_node_is_found_whatever_is_on_it(self):
        for more, why in (
                ({}, 'the same WWN and serial number'),
                ({'path': 'bay-7'}, 'the same WWN and serial number'),
                ({'serial': ''}, 'the same WWN'),
                ({'wwn': ''}, 'the same serial number')):
            one = {'wwn': WWNS[0], 'serial': SERIALS[0], 'path': 'bay-1',
                   **more}
            self.assertEqual(('/dev/sdc', why), self.chosen(
                [new('/dev/sda', wwn=WWNS[1], serial=SERIALS[1], **DATA),
                 new('/dev/sdc', **one, **DATA)]))

    def test_a_virtual_disk_without_a_number_is_found_by_what_it_holds(self):
        wanted = old('/dev/vda', marks=['root'], path='pci-0000:00:07.0')
        self.assertEqual(
            ('/dev/vdb', 'what is on it is of the backup'), self.chosen(
                [new('/dev/vda', **DATA), new('/dev/vdb', marks=['root'])],
                wanted))
        self.assertEqual(('/dev/vda', 'the same place'), self.chosen(
            [new('/dev/vda', path='pci-0000:00:07.0')], wanted))

    def test_a_half_written_disk_of_another_number_is_its_own(self):
        wanted = old(wwn=WWNS[0], serial=SERIALS[0], marks=['root'])
        self.assertEqual(
            '/dev/sda', self.chosen([new(
                wwn=WWNS[1], serial=SERIALS[1], marks=['root'])], wanted)[0])


def _disks(make, names, **more):
    return strategies.lists(strategies.builds(
        lambda **parts: parts,
        size=strategies.sampled_from((8 * GIB, 9 * GIB)),
        sector=strategies.sampled_from((512, 4096, None)),
        wwn=strategies.sampled_from(WWNS[:2] + FILLERS[:3]),
        serial=strategies.sampled_from(SERIALS[:2] + FILLERS[:4]),
        path=strategies.sampled_from(('', 'bay-1', 'bay-2')), **more),
        min_size=1, max_size=len(names)).map(lambda found: [
            make(name, **one) for name, one in zip(names, found)])


WANTED = _disks(old, ('/dev/sda', '/dev/sdb', '/dev/sdc'))
PRESENT = _disks(new, ('/dev/sda', '/dev/sdb', '/dev/sdc', '/dev/sdd'),
                 marks=strategies.sampled_from(([], ['data'], ['root'])))


class PropertyTest(unittest.TestCase):

    @hypothesis.settings(max_examples=600, deadline=None, database=None,
                         derandomize=True)
    @hypothesis.given(WANTED, PRESENT, strategies.integers(1, 3))
    def test_no_foreign_disk_is_taken_against_a_witness(self, known, present,
                                                        count):
        wanted = known[:count]
        wanted[0]['marks'] = ['root']
        try:
            chosen = matching.choose(wanted, present, known)
        except errors.NodeError as error:
            self.assertTrue(error.hint)
            return
        self.assertEqual(len(wanted), len({one['to'] for one in chosen}))
        for disk, pair in zip(wanted, chosen):
            [one] = [one for one in present if one['name'] == pair['to']]
            if not one['blank'] and one['marks'] != ['root']:
                self.witnessed(disk, one, known, present)

    def witnessed(self, disk, one, known, present):
        """See that a full disk is the one of the backup beyond doubt."""
        same = []
        for what, real in (('wwn', WWNS), ('serial', SERIALS)):
            both = {disk[what], one[what]}
            if both <= set(real):
                self.assertEqual(1, len(both), (what, disk, one))
                for side in (known, present):
                    if [other[what] for other in side].count(
                            disk[what]) > 1:
                        break
                else:
                    same.append(what)
        self.assertTrue(same, (disk, one))
        self.assertEqual(disk['size'], one['size'])
        self.assertTrue(None in (disk['sector'], one['sector'])
                        or disk['sector'] == one['sector'])
        if len(same) < 2 and disk['path'] and one['path']:
            self.assertEqual(disk['path'], one['path'])
