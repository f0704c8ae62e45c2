# SPDX-License-Identifier: Apache-2.0
import os

from baas.boot import base
from baas.boot.images import initrd_overlay
from baas.boot.images import iso
from baas.tests.unit.boot import site
from baas.tests.unit.storage import places


class MadeTest(site.SiteTest):
    """Those that are made of a kernel and an initrd."""

    def make(self, params='root=/dev/ram0 rw'):
        scratch = self.folder / 'scratch'
        scratch.mkdir()
        target = self.folder / 'out.iso'
        iso.make(self.kernel, self.initrd, params, target, scratch)
        self.assertEqual([], os.listdir(scratch))
        return target

    def test_it_boots_with_bios_and_with_uefi(self):
        said = site.run('xorriso', '-indev', self.make(),
                        '-report_el_torito', 'plain').decode()
        self.assertRegex(said, r'El Torito boot img : +\d +BIOS +y')
        self.assertRegex(said, r'El Torito boot img : +\d +UEFI +y')

    def test_it_has_the_kernel_and_the_initrd_byte_by_byte(self):
        made = self.make()
        for name, path in (('kernel', self.kernel), ('initrd', self.initrd)):
            self.assertEqual(path.read_bytes(),
                             site.extracted(made, f'/boot/{name}'), name)

    def test_a_file_in_it_may_have_more_than_four_gibibytes(self):
        more = self.folder / 'more'
        more.mkdir()
        with open(more / 'large', 'wb') as large:
            large.truncate((4 << 30) + 1)
        scratch = self.folder / 'scratch'
        scratch.mkdir()
        target = self.folder / 'out.iso'
        iso.make(self.kernel, self.initrd, 'rw', target, scratch, more=more)
        said = site.run('xorriso', '-indev', target, '-find', '/more/large',
                        '-exec', 'lsdl').decode()
        self.assertIn(f' {(4 << 30) + 1} ', said)

    def test_a_kernel_on_another_file_system_is_copied(self):
        other = self.folder / 'other'
        other.mkdir()
        with places.small(other):
            there = other / 'kernel'
            there.write_bytes(self.kernel.read_bytes())
            self.kernel = there
            made = self.make()
            self.assertEqual(1, there.stat().st_nlink)
        self.assertEqual(b'kernel' * 5000,
                         site.extracted(made, '/boot/kernel'))

    def test_the_boot_loader_asks_nothing_and_hands_the_parameters_on(self):
        menu = site.extracted(self.make("a=b c='$d'"), '/boot/grub/grub.cfg')
        checked = self.folder / 'grub.cfg'
        checked.write_bytes(menu)
        site.run('grub-script-check', checked)
        self.assertIn(b"linux /boot/kernel 'a=b' 'c='\\''$d'\\'''\n", menu)
        self.assertTrue(menu.endswith(b'\nboot\n'))
        self.assertNotIn(b'menuentry', menu)

    def test_what_is_missing_to_make_one_is_told_with_its_package(self):
        self.assertEqual([], iso.problems())
        self.addCleanup(setattr, iso, '_LOADERS', iso._LOADERS)
        self.addCleanup(os.environ.update, PATH=os.environ['PATH'])
        iso._LOADERS, os.environ['PATH'] = self.folder, str(self.folder)
        self.assertEqual(
            ['grub-common', 'xorriso', 'mtools', 'grub-pc-bin',
             'grub-efi-amd64-bin'],
            [one.hint.split()[-1].rstrip('.') for one in iso.problems()])


class RebuiltTest(site.SiteTest):
    """Those of an operator that get another initrd."""

    def setUp(self):
        super().setUp()
        self.keys = self.folder / 'rescue' / site.NODE
        initrd_overlay.make(self.keys, 'rescue-controller-0')
        self.extended = self.folder / 'extended'

    def rebuilt(self, old):
        initrd_overlay.extend(self.initrd, self.keys, self.extended)
        scratch = self.folder / 'scratch'
        scratch.mkdir(exist_ok=True)
        target = self.folder / 'out.iso'
        iso.rebuild(old, self.initrd, self.extended, target, scratch)
        return target

    def test_a_rebuilt_iso_has_the_new_initrd_and_boots_as_before(self):
        old = self.iso()
        out = self.rebuilt(old)
        self.assertEqual(self.extended.read_bytes(),
                         site.extracted(out, '/isolinux/initrd.cgz'))
        self.assertEqual(self.kernel.read_bytes(),
                         site.extracted(out, '/isolinux/kernel'))
        for one in (old, out):
            said = site.run('xorriso', '-indev', one, '-report_el_torito',
                            'plain').decode()
            self.assertIn('/isolinux/isolinux.bin', said)
            self.assertRegex(said, r'El Torito boot img : +1 +BIOS +y')
            self.assertRegex(site.run(
                'xorriso', '-indev', one, '-pvd_info').decode(),
                r'Volume Id +: REAR-ISO')

    def test_a_rebuilt_iso_is_rebuilt_again(self):
        old = self.iso()
        self.rebuilt(old)
        out = self.rebuilt(old)
        self.assertEqual(self.extended.read_bytes(),
                         site.extracted(out, '/isolinux/initrd.cgz'))

    def test_an_iso_of_another_rescue_image_is_refused(self):
        old = self.iso()
        self.initrd.write_bytes(bytes(self.initrd.stat().st_size))
        with self.assertRaises(base.BootError) as caught:
            self.rebuilt(old)
        self.assertIn('does not have the initrd', str(caught.exception))

    def test_what_is_no_iso_is_told(self):
        old = self.folder / 'no.iso'
        old.write_bytes(b'no')
        with self.assertRaises(base.BootError) as caught:
            self.rebuilt(old)
        self.assertTrue(caught.exception.hint)
