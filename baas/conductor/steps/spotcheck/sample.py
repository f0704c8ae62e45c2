# SPDX-License-Identifier: Apache-2.0
"""Files of the backup are chosen, and some of them read back."""
from baas.conductor.steps import base

_READ = 10
"""How many files are read back."""


class Step(base.Step):
    """The id of the job is the seed."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        handler = self.handler
        job = handler.job
        handler.sample.parent.mkdir(mode=0o700, exist_ok=True)
        return {'baas_storage_jobs': {job.node: handler.storage_job(
            'sample', job.node, backup=job.backup_id, seed=job.id,
            share=job.options['share'], into=str(handler.sample),
            read=_READ)}}

    def finished(self, progress):
        """See :class:`base.Step`."""
        node = self.handler.job.node
        wrong = progress.results.get(node, {}).get('sample', {}).get(
            'differing')
        if wrong:
            progress.failures[node] = {
                'cause': f'Backup {self.handler.job.backup_id} of node {node} '
                         f'does not hold what was read: {wrong[0]}.',
                'hint': 'Verify it, and take a new backup.', 'task': None}
