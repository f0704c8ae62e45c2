# SPDX-License-Identifier: Apache-2.0
"""A state folder that others can look into, as systemd makes one, or write
to."""
import json
import pathlib
import sys
import unittest

import requests

from baas.tests.functional import starting
from baas.tests.integration import process


class StateFolderTest(starting.StartTest):

    def test_one_that_everybody_can_write_to_is_refused(self):
        self.state.mkdir()
        self.state.chmod(0o777)
        self.everywhere(f'Everybody can write to {self.state}',
                        f'chmod o-w {self.state}', 'standalone', 'conductor',
                        'api', 'manage')
        self.assertEqual([], list(self.state.iterdir()))

    def test_nothing_in_one_that_everybody_can_look_into_is_readable(self):
        self.state.mkdir()
        self.state.chmod(0o755)
        (self.folder / 'storage').mkdir()
        self.inventory.write_text(json.dumps(
            {'Controller': {'hosts': {'controller-0': {
                'ansible_host': '127.0.0.1', 'ansible_ssh_retries': 0,
                'ansible_port': process.free_port()}}}}))
        (self.folder / 'baas.conf').write_text(
            f'[DEFAULT]\nstate_path = {self.state}\n'
            f'log_file = {self.state}/baas.log\n'
            f'[api]\nbind_port = {self.port}\n'
            f'[runner]\ninventory = {self.inventory}\n'
            '[targets]\nown_machine = overcloud\n'
            '[storage]\nallow_on_target = true\n'
            f'[storage_file]\npath = {self.folder}/storage\n'
            f'[payload]\nrestic = {self.restic}\n')
        one = process.Process('standalone', [
            'sh', '-c', 'umask 000; exec "$@"', 'sh',
            pathlib.Path(sys.executable).parent / 'baas-standalone',
            '--config-file', self.folder / 'baas.conf'], self.folder,
            process.environment(HOME=str(self.folder)))
        self.addCleanup(one.kill)
        one.start().wait_until(lambda: process.answers(self.port),
                               'it listens')
        self.take()
        one.stop()
        made = {path.name for path in self.state.iterdir()}
        self.assertLessEqual({'baas.log', 'baas.sqlite', 'baasrc', 'htpasswd',
                              'jobs', 'key', 'state.lock'}, made)
        self.assertEqual([], [
            str(path) for path in self.state.rglob('*')
            if not path.is_symlink() and path.stat().st_mode & 0o077])

    def take(self):
        """Take a backup of a node that does not answer."""
        rc = (self.state / 'baasrc').read_text()
        url, who = f'http://127.0.0.1:{self.port}', (
            'admin', rc.rsplit('OS_PASSWORD=', 1)[1].strip())
        made = requests.post(f'{url}/v1/backup/overcloud', auth=who,
                             timeout=60)
        self.assertEqual(202, made.status_code, made.text)
        job = f'{url}/v1/job/{made.json()["id"]}'
        process.wait_until(lambda: requests.get(
            job, auth=who, timeout=60).json()['finished_at'], 'it has ended')


if __name__ == '__main__':
    unittest.main()
