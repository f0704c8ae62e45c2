# SPDX-License-Identifier: Apache-2.0
"""What is stored of all sets that go is removed, of each node at once."""
from baas.conductor.steps import base
from baas.conductor.steps import removed
from baas.db import backups
from baas.db import boot_undos


class Step(base.Step):
    """Names the backups of each node, and forgets those that are gone."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        return {'baas_storage_jobs': {
            node: self._job(node, doomed)
            for node, doomed in self.handler.doomed.items()}}

    def finished(self, progress):
        """See :class:`base.Step`.

        :raises NotRemoved: a node has neither failed nor ended.
        """
        for node, doomed in self.handler.doomed.items():
            if node not in progress.failures and (
                    'remove' in progress.results.get(node, {})):
                self._forget(doomed)
        removed.demand(progress, self.handler.doomed)

    def _forget(self, doomed):
        job = self.handler.job
        for id in doomed:
            if not backups.delete(id, epoch=job.epoch, job=job.id):
                raise boot_undos.LeaseLost(job=job.id)

    def _job(self, node, doomed):
        (first, payload), *others = doomed.items()
        return self.handler.storage_job(
            'delete', node, backup=first, payload=payload,
            others=dict(others))
