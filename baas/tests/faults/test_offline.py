# SPDX-License-Identifier: Apache-2.0
"""The service is lost with its database, and a controller beside it: both
come back with storage and key alone."""
import os
import pathlib
import shutil
import subprocess
import sys

from baas.tests.lab import machines
from baas.tests.lab import service as services
from baas.tests.lab import test_lab

setUpModule = test_lab.setUpModule
NODE = 'controller-1'


class TestOffline(test_lab.LabTest):

    def setUp(self):
        super().setUp()
        self.service = test_lab.service
        self.assert_done(self.service.backup())
        self.state = self.service.state
        self.lost = self.state.with_name(f'{self.state.name}-lost')
        self.fresh = self.state.with_name(f'{self.state.name}-fresh')
        self.service.stop()
        os.rename(self.state, self.lost)
        self.addCleanup(self.bring_back)
        self.fresh.mkdir()
        # What somebody has in a safe: how the storage is reached, and a key.
        shutil.copy(self.lost / 'key', self.fresh)
        known = (self.lost / 'baas.conf').read_text()
        (self.fresh / 'least.conf').write_text(
            f'[DEFAULT]\nstate_path = {self.fresh}\n[payload]\n'
            f'key_file = {self.fresh}/key\n[storage'
            + known.split('[storage', 1)[1].split('[verification]')[0])

    def bring_back(self):
        shutil.rmtree(self.state, ignore_errors=True)
        shutil.rmtree(self.fresh)
        os.rename(self.lost, self.state)
        self.service.start()

    def manage(self, config, *words):
        return subprocess.run(
            [str(pathlib.Path(sys.executable).parent / 'baas-manage'),
             '--config-file', str(config), *words], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def test_a_wrecked_controller_comes_back_without_any_service(self):
        services.lab('wreck', NODE)
        services.lab('rescue', NODE)
        said = self.manage(self.fresh / 'least.conf', 'service', 'extract',
                           '/')
        self.assertEqual(0, said.returncode, said.stdout)
        for name in ('baas.conf', 'key'):
            self.assertEqual((self.lost / name).read_bytes(),
                             (self.state / name).read_bytes())
        work = self.fresh / 'work'
        plan = self.manage(self.state / 'baas.conf', 'restore', NODE,
                           '--plan', '--folder', str(work))
        self.assertEqual(0, plan.returncode, plan.stdout)
        said = self.manage(self.state / 'baas.conf', 'restore', NODE,
                           '--folder', str(work))
        self.assertEqual(0, said.returncode, said.stdout)
        self.assertRegex(said.stdout, '(?s)backups are on the storage.*'
                         'rejoin: .*done\n$')
        self.assertEqual([], machines.complaints(30))
        self.assertEqual(('10000', '10000'), test_lab.rows())
        self.assert_no_leftovers()
        self.assertFalse((self.state / 'baas.sqlite').exists())
