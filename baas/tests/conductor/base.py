# SPDX-License-Identifier: Apache-2.0
"""What all tests of the conductor share: a service, playbooks that do what a
scenario says, and somebody who runs them."""
import json
import pathlib
import shutil
import threading
import time
import unittest

import fixtures as cleaning
from oslo_config import cfg

from baas.conductor import supervisor
from baas.db import clouds
from baas.db import jobs
from baas.jobs import measured
from baas.jobs import plans
from baas import keys
from baas.requests import messaging
from baas.tests.conductor import recorded
from baas.tests import fixtures

SOURCE = pathlib.Path(__file__).parent / 'playbooks'
CAPTURED = {**dict.fromkeys(measured.PAYLOAD, 1),
            'snapshot': 'ab12', 'files_snapshot': 'cd34', 'files': 7,
            'files_sha256': '00', 'size_bytes': 1000, 'stored_bytes': 10,
            'layout': {}}
GOOD = {'check': {'*': {'result': {'time': 0.0}}},
        'capture': {'*': {'result': CAPTURED}},
        'verify': {'*': {'result': {'manifest_sha256': 'ff'}}}}


def with_ansible(test):
    """Have a test run its playbooks with real Ansible, not recorded ones."""
    test.ansible = True
    return test


class ConductorTest(unittest.TestCase):
    """Has a service whose playbooks do what :meth:`scenario` says."""

    def setUp(self):
        super().setUp()
        if not getattr(getattr(self, self._testMethodName), 'ansible', False):
            runner = cleaning.MonkeyPatch('baas.runner.playbook.run',
                                          recorded.run)
            runner.setUp()
            self.addCleanup(runner.cleanUp)
        service = fixtures.BaasFixture(auth='noauth')
        service.setUp()
        self.addCleanup(service.cleanUp)
        self.service = service
        # Else each set warns of it.
        clouds.confirm_copy(keys.load(cfg.CONF.payload.key_file))
        self.addCleanup(messaging.deliver_to, None)
        messaging.deliver_to(lambda job_id: None)
        self.playbooks = service.folder / 'playbooks'
        self._record_plan()
        service.conf.config(group='runner', playbooks_dir=str(self.playbooks))
        service.conf.config(group='conductor', host='first', lease=120,
                            sweep_interval=1)
        self.stopping = threading.Event()

    def _record_plan(self):
        for kind, plan in plans.PLANS.items():
            (self.playbooks / 'steps' / kind).mkdir(parents=True)
            for step in plan:
                text = (SOURCE / 'step.yaml').read_text()
                (self.playbooks / 'steps' / kind / f'{step.name}.yaml'
                 ).write_text(text.replace('Act as the scenario says',
                                           step.name))
        for name in ('act.py', 'ssh.py'):
            shutil.copy(SOURCE / name, self.playbooks)
        (self.playbooks / 'ssh.py').chmod(0o755)
        shutil.copy(pathlib.Path(__file__).parents[3] / 'playbooks'
                    / 'ansible.cfg', self.playbooks)
        self.scenario({})

    def scenario(self, given):
        """Say what happens: {step: {node or '*': {fail, sleep, result}}};
        of a node by its name also {unreachable: what ssh says}."""
        (self.playbooks / 'scenario.json').write_text(
            json.dumps({**GOOD, **given}))

    def done(self):
        """Tell what the playbooks were asked to do, in order."""
        path = self.playbooks / 'done.jsonl'
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text().splitlines()]

    def steps_done(self):
        """Name the steps that ran, each once, in order."""
        return list(dict.fromkeys(entry['step'] for entry in self.done()))

    def run_job(self, job):
        """Carry a job out here and now; give its row."""
        supervisor.run(job.id, self.stopping)
        return jobs.get(job.id)

    def wait_for(self, step):
        """Wait until a step has begun on some node."""
        until = time.monotonic() + 180
        while time.monotonic() < until:
            if step in self.steps_done():
                return
            time.sleep(0.1)
        self.fail(f'{step} has not begun')

    def wait_for_end(self, job):
        """Wait until a job has ended; give its row."""
        until = time.monotonic() + 90
        while time.monotonic() < until:
            row = jobs.get(job.id)
            if row.finished_at:
                return row
            time.sleep(0.1)
        self.fail(f'The job is still {row.state}')
