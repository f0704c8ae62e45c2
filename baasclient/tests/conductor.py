# SPDX-License-Identifier: Apache-2.0
"""What a conductor would write about a job, written by hand."""
import time

from baas.db import backups
from baas.db import events
from baas.db import jobs
from baas.db import steps
from baas.jobs import disks
from baas.jobs import restore_plan

NODES = ('controller-0', 'controller-1', 'controller-2')


def queued():
    """Wait until a job is queued; give its id."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        waiting = jobs.queued()
        if waiting:
            return waiting[0]
        time.sleep(0.05)
    raise AssertionError('no job was queued')


class Work:
    """One job at work, from its claim on.

    :ivar id: id of the job.
    """

    def __init__(self, id):
        self.id = id
        self._epoch = jobs.claim(id, 'conductor-1', 60).epoch
        self._steps = {step.name: step.id for step in steps.by_job(id)}
        events.add(id, 'The job begins.')

    def begin(self, step):
        """Begin a step."""
        steps.move(self._steps[step], 'start')

    def tell(self, step, percent, **nodes):
        """Write how far a step is, and each node of it.

        :param nodes: progress by the name of the node with _ for -.
        """
        steps.progress(self._steps[step], task='reading files',
                       percent=percent,
                       nodes={name.replace('_', '-'): progress
                              for name, progress in nodes.items()})

    def finish_step(self, step):
        """End a step well."""
        steps.move(self._steps[step], 'finish')

    def run(self, *names):
        """Run whole steps."""
        for name in names:
            self.begin(name)
            self.finish_step(name)

    def foresee(self, **figures):
        """Write what the check expects; what is not given is not known."""
        jobs.set_columns(self.id, self._epoch, forecast={
            'outage_seconds': None, 'duration_seconds': None,
            'stored_bytes': None, 'set_id': None, 'max_outage_seconds': None,
            'back_within_seconds': 600.0,
            'summary': ['Whatever dies, nodes resume.'], **figures})

    def lay_out(self, **more):
        """Write what a restore will do: of one machine, as far as that can
        be known before a rescue system runs."""
        job = jobs.get(self.id)
        machine = {
            'node': job.node, 'restored_as': job.node,
            'backup_id': job.backup_id,
            'creation_date': '2026-01-01T00:00:00.000Z',
            'age_seconds': 7260.0, 'size_bytes': 7 * 2 ** 30,
            'boot_method': 'pxe', 'boot_mode': 'uefi',
            'boot': 'It boots over the network',
            'disks': disks.mapping({'filesystems': [
                {'mountpoint': '/', 'fstype': 'xfs', 'size': 50 << 30,
                 'used': 7 << 30, 'device': '/dev/sda3'}]})}
        jobs.set_columns(self.id, self._epoch, plan=restore_plan.build(
            'restore', [machine], **more))

    def finish(self):
        """End the job well, and with it its backups."""
        for row in backups.by_set(self.id):
            backups.move(row.id, 'finish', size_bytes=7 * 2 ** 30,
                         stored_bytes=310 * 2 ** 20, files=123456,
                         outage_seconds=4.25, snapshot='0' * 64,
                         quiesce_mode='stop',
                         service_outages={'galera': 4.0, 'haproxy': 4.25},
                         client_outage_seconds=4.75)
        jobs.move(self.id, 'finish', epoch=self._epoch)

    def fail(self, step, node, cause, hint):
        """End the job in error; other nodes' backups are good."""
        for row in backups.by_set(self.id):
            if row.node == node:
                backups.move(row.id, 'fail', error=cause)
            else:
                backups.move(row.id, 'finish', size_bytes=7 * 2 ** 30)
        if step in self._steps:
            steps.move(self._steps[step], 'fail')
        jobs.move(self.id, 'fail', epoch=self._epoch, error_node=node,
                  error_step=step, error_cause=cause, error_hint=hint)
