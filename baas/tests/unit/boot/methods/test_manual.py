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
        token = self.owed()['images']
        self.assertIn(f'{self.url}/{token}/rescue.iso', said)
        self.assertIn(f'{self.images}/{token}/rescue.iso', said)
        self.assertIn(site.NODE, said)
        self.assertIn('127.0.0.1', said)

    def test_it_says_the_boot_mode_of_the_backup(self):
        debt, said = self.debt(), []
        images = self.published(self.files, debt)
        self.boot().start(dataclasses.replace(
            self.machine(), boot_mode='uefi'), images, debt, said.append)
        self.assertIn('in UEFI mode', ' '.join(said))
