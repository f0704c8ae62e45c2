# SPDX-License-Identifier: Apache-2.0
import dataclasses

from baas.tests.unit.boot.methods import contract
from baas.tests.unit.boot import site


class ManualBootTest(contract.BootContract, site.SiteTest):
    method = 'manual'
    files = ('iso',)

    def seen(self):
        return site.tree(self.images)

    def test_it_says_where_the_iso_is_and_what_to_do(self):
        said = ' '.join(self.begin())
        token = self.undos()['images']
        self.assertIn(f'{self.url}/{token}/rescue.iso', said)
        self.assertIn(f'{self.images}/{token}/rescue.iso', said)
        self.assertIn(site.NODE, said)
        self.assertIn('127.0.0.1', said)

    def test_the_rescue_system_has_the_disk_where_rear_mounts_it(self):
        self.assertEqual('/mnt/local', self.boot().root)

    def test_it_says_the_boot_mode_of_the_backup(self):
        undo, said = self.undo(), []
        images = self.published(self.files, undo)
        self.boot().start(dataclasses.replace(
            self.machine(), boot_mode='uefi'), images, undo, said.append)
        self.assertIn('in UEFI mode', ' '.join(said))
