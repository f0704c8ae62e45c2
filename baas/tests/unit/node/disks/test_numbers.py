# SPDX-License-Identifier: Apache-2.0
"""Which numbers tell one disk from another."""
import unittest

from baas.node.disks import numbers

NO_SERIAL = (
    '', '   ', '0', '00000000', '0000000000000001', 'XXXXXXXX', '11111111',
    '          AAAA', 'None', 'NULL', 'N/A', 'unknown', 'Not Specified',
    'Not_Specified', 'To be filled by O.E.M.', 'Default string', 'QM00001',
    'QM00013', 'drive-scsi0-0-0-0', 'drive-virtio-disk0', '0123456789ABCDEF',
    '123456789012', '1234567890', '0123456789', 'ABCDEF0123456789',
    'DB9876543214E', '9876543210', 'FEDCBA98', 'Serial_Number', 'deadbeef',
    'x1', 'abc')
SERIAL = (
    'S3Z1NB0K424242', 'WD-WCC4N5PF96YL', 'PHYF123400AB240AGN', 'disk1',
    '6b083fe0d3e4f100', 'VB1a2b3c4d-5e6f7a8b', 'baas-metal-0', 'QM1234567',
    '2b1c3f5e-1111-4b1a-9', '50026B7783A1B2C3')
NO_WWN = (
    '', '0x0000000000000000', '0x00000000000000000000000000000000',
    'naa.0000000000000000', 'eui.0000000000000000',
    'eui.00000000000000000000000000000000', '0x5000000000000000',
    '0x5000000000000001', '0xffffffffffffffff', 'eui.5254000000000001',
    'uuid.00000000-0000-0000-0000-000000000000', 'unknown', '0x',
    't10.ATA     QEMU HARDDISK                           QM00001         ',
    'nvme.1b36-6465616462656566-51454d55204e564d65204374726c-00000001',
    '0x0123456789abcdef', '0x5000')
WWN = (
    '0x5000c500a1b2c3d4', '0x5002538e40000001', 'naa.5000c500a1b2c3d4',
    'eui.0025385a71b00e11', 'eui.36344730527001230025384500000001',
    '0x60002ac0000000000000001a0001abcd',
    'uuid.2b1c3f5e-74a1-4b1a-9d1c-0242ac120002')


def disk(serial='', wwn=''):
    """Give a disk that has these numbers."""
    return {'serial': serial, 'wwn': wwn}


class NumberTest(unittest.TestCase):

    def test_what_stands_for_no_serial_number_is_none(self):
        for serial in NO_SERIAL:
            self.assertIsNone(numbers.read(disk(serial), 'serial'),
                              serial)

    def test_what_makers_really_give_is_a_serial_number(self):
        for serial in SERIAL:
            self.assertTrue(numbers.read(disk(serial), 'serial'), serial)

    def test_what_stands_for_no_wwn_is_none(self):
        for wwn in NO_WWN:
            self.assertIsNone(numbers.read(disk(wwn=wwn), 'wwn'), wwn)

    def test_what_makers_really_give_is_a_wwn(self):
        for wwn in WWN:
            self.assertTrue(numbers.read(disk(wwn=wwn), 'wwn'), wwn)

    def test_a_disk_without_the_key_has_none(self):
        self.assertIsNone(numbers.read({}, 'serial'))
        self.assertIsNone(numbers.read({'wwn': None}, 'wwn'))

    def test_the_wwn_once_more_is_no_serial_number(self):
        self.assertIsNone(numbers.read(
            disk('5000c500a1b2c3d4', '0x5000c500a1b2c3d4'), 'serial'))
        self.assertIsNone(numbers.read(
            disk('35000c500a1b2c3d4', '0x5000c500a1b2c3d4'), 'serial'))

    def test_how_a_number_is_written_makes_no_difference(self):
        self.assertTrue(numbers.compare(
            'serial', disk(' WD-WCC4N5PF96YL'), disk('wd_wcc4n5pf96yl')))
        self.assertTrue(numbers.compare(
            'wwn', disk(wwn='naa.5000C500A1B2C3D4'),
            disk(wwn='0x5000c500a1b2c3d4')))

    def test_numbers_of_different_kinds_cannot_be_compared(self):
        self.assertIsNone(numbers.compare(
            'wwn', disk(wwn=WWN[3]), disk(wwn=WWN[6])))
        self.assertIsNone(numbers.compare(
            'wwn', disk(wwn=WWN[0]), disk(wwn=WWN[5])))
        self.assertIs(False, numbers.compare(
            'wwn', disk(wwn=WWN[0]), disk(wwn=WWN[1])))
        self.assertIsNone(numbers.compare('wwn', disk(), disk()))

    def test_what_two_disks_have_is_named_as_repeated(self):
        self.assertEqual({'s3z1nb0k424242'}, numbers.repeated('serial', [
            disk(SERIAL[0]), disk(SERIAL[0]), disk(SERIAL[1]), disk('None'),
            disk('None')]))
