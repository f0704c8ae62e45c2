# SPDX-License-Identifier: Apache-2.0
"""The steps that boot a rescue system and put everything back: the real
playbooks and programs, and a machine that loads its boot entry."""
import json
import os
import re
import sys
import threading

import requests

from baas.jobs import plans
from baas.jobs import variables
from baas.requests import messaging
from baas.runner import playbook
from baas.tests.unit.boot import running
from baas.tests.unit.boot import site

ENTRY = 'ipxe/52-54-00-ba-a5-01.ipxe'


class BootStepsTest(running.ProgramTest):
    method = 'pxe'

    def setUp(self):
        super().setUp()
        self.addCleanup(messaging.deliver_to, None)
        messaging.deliver_to(lambda job_id: None)
        self.top = self.folder / 'tftp'
        self.top.mkdir()
        self.configure('boot_pxe', tftp_dir=str(self.top))
        self.configure('conductor', host='first', lease=60)
        self.stop = threading.Event()

    def step(self, name, job=None, kind='restore', **values):
        """Run the playbook of a step; give its progress."""
        job = job or self.job
        path = self.folder / f'boot-{name}-{site.NODE}.json'
        path.write_text(json.dumps({
            'job': job.id, 'epoch': job.epoch, 'step': name,
            'restore': self.job.id, 'node': site.NODE,
            'keys': str(self.folder / job.id), **values}))
        before = [str(self.folder / f'boot-{one}-{site.NODE}.json')
                  for one in ('rescue', 'boot_cleanup')]
        return playbook.run(
            plans.folder(kind), name, {
                'baas_nodes': site.NODE,
                'baas_fencing_suppressor': variables.NOBODY,
                'baas_python': sys.executable,
                'baas_config': [f'--config-file={self._settings()}'],
                'baas_boot_jobs': {site.NODE: str(path)},
                'baas_boot_before': {
                    site.NODE: before if name == 'boot_cleanup' else []}},
            work=self.folder / f'{name}-1', minutes=3,
            on_change=lambda seen: None, stop=self.stop.is_set)

    def power_on(self):
        """Let the machine load what its entry says, and boot it."""
        path = self.top / ENTRY
        self.until(path.exists, 'there is a boot entry')
        url = re.search(r'^initrd .* (\S+)$', path.read_text(),
                        re.MULTILINE).group(1)
        self.rescue.boot(requests.get(url, timeout=9).content)

    def test_the_rescue_step_ends_when_the_system_has_called_in(self):
        machine = threading.Thread(target=self.power_on)
        machine.start()
        seen = self.step('rescue')
        machine.join()
        self.assertEqual(('successful', {}), (seen.status, seen.failures))
        self.assertEqual('pxe', seen.results[site.NODE]['start']['method'])
        seen = self.step('boot_cleanup')
        self.assertEqual('successful', seen.status, seen.failures)
        self.assertEqual({}, self.undos())

    def test_cancelled_while_it_waits_the_program_is_ended_too(self):
        step = threading.Thread(target=self.step, args=('rescue',))
        step.start()
        self.until((self.top / ENTRY).exists, 'there is a boot entry')
        self.stop.set()
        step.join()
        self.stop.clear()
        state = self.folder / f'boot-rescue-{site.NODE}.json.state'
        pid = json.loads(state.read_text())['pid']
        seen = self.step('boot_cleanup')
        self.assertEqual('successful', seen.status, seen.failures)
        self.assertEqual({}, site.tree(self.top))
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, 0)
