# SPDX-License-Identifier: Apache-2.0
"""Runs the programs of baas.boot as playbooks do."""
import json
import signal
import subprocess
import sys
import time

from oslo_config import cfg

from baas.boot.images import initrd_overlay
from baas.db import events
from baas.tests.unit.boot import rescue
from baas.tests.unit.boot import site

_SECTIONS = ('boot', 'boot_pxe', 'boot_ironic', 'boot_ssh', 'runner',
             'storage_file')


class ProgramTest(site.SiteTest):
    """Has a node at which a rescue system will be.

    :ivar rescue: the :class:`rescue.Rescue`, not booted.
    """

    def setUp(self):
        super().setUp()
        self.rescue = rescue.Rescue(self.folder / 'sshd',
                                    self.initrd.read_bytes())
        self.addCleanup(lambda: self.rescue.stop())
        self.place_node(ansible_port=self.rescue.port)

    def call(self, verb, *words, job=None, **values):
        """Begin a program; give its process."""
        job = job or self.job
        path = self.folder / f'boot-{verb}-{job.id}.json'
        path.write_text(json.dumps({
            'job': job.id, 'epoch': job.epoch, 'step': verb,
            'restore': job.id, 'node': site.NODE,
            'keys': str(self.folder / job.id), **values}))
        return subprocess.Popen(
            [sys.executable, '-W', 'ignore', '-m',
             f'baas.boot.programs.{verb}',
             '--job-file', path, *words, '--config-file', self._settings()],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def said(self, process, seconds=120):
        """Give what a program says at its end (dict)."""
        said, log = process.communicate(timeout=seconds)
        try:
            return json.loads(said.splitlines()[-1])['baas']
        except IndexError:
            raise AssertionError(log[-3000:])

    def good(self, process):
        """Demand a good end; give its result."""
        said = self.said(process)
        self.assertEqual('done', said['state'], said)
        return said['result']

    def bad(self, process, words):
        """Demand an end in error that says something and gives a hint."""
        said = self.said(process)
        self.assertEqual('error', said['state'], said)
        self.assertIn(words, said['error']['cause'])
        self.assertTrue(said['error']['hint'])

    def kill(self, process):
        """End a program as when its host dies."""
        process.send_signal(signal.SIGKILL)
        process.communicate()

    def until(self, question, what, seconds=60):
        """Wait until something is true; give it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            answer = question()
            if answer:
                return answer
            time.sleep(0.1)
        self.fail(f'{what}: not after {seconds} s')

    def log(self):
        """Give the log of the job (str)."""
        return ' '.join(row.message for row in events.page(
            self.job.id, limit=100))

    def keys_of(self, job):
        """Make the keys of a restore beforehand."""
        initrd_overlay.make(self.folder / job.id, f'rescue-{site.NODE}')

    def _settings(self):
        path = self.folder / 'service.conf'
        lines = ['[DEFAULT]', f'state_path = {self.folder}', '[database]',
                 f'connection = {cfg.CONF.database.connection}']
        for section in _SECTIONS:
            lines.append(f'[{section}]')
            lines += [f'{name} = {value}' for name, value
                      in cfg.CONF[section].items()
                      if isinstance(value, (str, int, float))]
        path.write_text('\n'.join(lines) + '\n')
        return path
