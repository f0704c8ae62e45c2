# SPDX-License-Identifier: Apache-2.0
"""What is stored of all sets that go is removed, of each node at once."""
from baas.conductor.steps import base
from baas.db import backups
from baas.db import boot_undos
from baas import errors


class NothingSaid(errors.BaasError):
    """A node was to be cleaned up, and nobody did."""
    faultcode = 'baas.cleanup.nothing_said'
    title = 'Nothing removed'
    message = 'What is stored of {nodes} was not removed.'
    hint = 'See that the inventory has {nodes}, and clean up again.'


class Step(base.Step):
    """Names the backups of each node, and forgets those that are gone."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        return {'baas_storage_jobs': {
            node: self._job(node, doomed)
            for node, doomed in self.handler.doomed.items()}}

    def finished(self, progress):
        """See :class:`base.Step`.

        :raises NothingSaid: a node has neither failed nor ended.
        """
        silent = []
        for node, doomed in self.handler.doomed.items():
            if node in progress.failures:
                continue
            if 'remove' not in progress.results.get(node, {}):
                silent.append(node)
                continue
            self._forget(doomed)
        # A run that failed or was ended says why by itself.
        if silent and progress.status == 'successful':
            raise NothingSaid(nodes=', '.join(sorted(silent)))

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
