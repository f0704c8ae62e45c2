# SPDX-License-Identifier: Apache-2.0
import os

from baas.boot import base
from baas.tests.unit.boot.methods import contract
from baas.tests.unit.boot import site

ENTRY = 'pxelinux.cfg/01-52-54-00-ba-a5-01'


class PxeBootTest(contract.BootContract, site.SiteTest):
    method = 'pxe'
    files = ('kernel', 'initrd')

    def setUp(self):
        super().setUp()
        self.top = self.folder / 'tftp'
        self.top.mkdir()
        (self.top / 'pxelinux.0').write_bytes(b'loader')
        self.configure('boot_pxe', tftp_dir=str(self.top))

    def seen(self):
        return site.tree(self.top)

    def told(self):
        return (self.top / ENTRY).exists()

    def problem(self, **values):
        """Give the one problem of a machine."""
        found = self.boot().problems(self.machine(**values))
        self.assertEqual(1, len(found), found)
        return found[0].cause

    def test_each_card_has_an_entry_for_pxelinux_and_one_for_ipxe(self):
        self.begin()
        self.assertEqual(
            {'pxelinux.0', ENTRY, 'pxelinux.cfg/01-52-54-00-ba-a5-02',
             'ipxe/52-54-00-ba-a5-01.ipxe', 'ipxe/52-54-00-ba-a5-02.ipxe'},
            set(self.seen()))
        url = f'{self.url}/{self.undos()["images"]}'
        self.assertIn(f'KERNEL {url}/kernel\n', self.seen()[ENTRY].decode())
        self.assertIn(f'kernel {url}/kernel initrd=initrd root=/dev/ram0 rw '
                      'selinux=0\n',
                      self.seen()['ipxe/52-54-00-ba-a5-01.ipxe'].decode())

    def test_images_inside_the_folder_of_tftp_are_loaded_over_tftp(self):
        self.configure('boot_pxe', tftp_dir=str(self.folder))
        self.begin()
        text = (self.folder / ENTRY).read_text()
        self.assertIn(f'KERNEL images/{self.undos()["images"]}/kernel\n', text)

    def test_the_tftp_server_can_read_an_entry(self):
        self.begin()
        self.assertEqual(0o644, os.stat(self.top / ENTRY).st_mode & 0o777)

    def test_an_entry_of_somebody_else_is_refused_beforehand(self):
        (self.top / 'pxelinux.cfg').mkdir()
        (self.top / ENTRY).write_text('LABEL theirs\n')
        self.assertIn(ENTRY, self.problem())

    def test_an_entry_that_comes_in_between_is_never_replaced(self):
        (self.top / 'pxelinux.cfg').mkdir()
        (self.top / ENTRY).write_text('LABEL theirs\n')
        before = self.seen()
        self.assertRaises(base.BootError, self.begin)
        self.cleanup()
        self.assertAsBefore(before)

    def test_an_entry_that_was_changed_meanwhile_stays(self):
        self.begin()
        (self.top / ENTRY).write_text('LABEL theirs\n')
        self.cleanup()
        self.assertEqual({'pxelinux.0', ENTRY}, set(self.seen()))

    def test_an_entry_that_cannot_be_removed_keeps_no_other_in_place(self):
        self.begin()
        (self.top / ENTRY).unlink()
        (self.top / ENTRY).mkdir()
        with self.assertRaises(base.BootError) as caught:
            self.cleanup()
        self.assertIn(ENTRY, str(caught.exception))
        self.assertEqual({'pxelinux.0'}, set(self.seen()))
        self.assertNotEqual({}, self.undos())

    def test_a_node_without_network_cards_is_refused(self):
        self.assertIn('network card', self.problem(macs=()))

    def test_a_card_that_could_lead_out_of_the_folder_is_refused(self):
        self.assertIn('no MAC', self.problem(macs=('../../etc/passwd',)))

    def test_a_folder_that_is_not_there_is_refused(self):
        self.configure('boot_pxe', tftp_dir=str(self.folder / 'none'))
        self.assertIn('tftp_dir', self.problem())
