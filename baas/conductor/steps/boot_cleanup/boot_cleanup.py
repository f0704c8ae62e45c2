# SPDX-License-Identifier: Apache-2.0
"""What a restore could not put back is put back."""
from baas.conductor.steps import base
from baas.db import boot_undos


class Step(base.Step):
    """Names the restore, and the boot method that it had."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        job = self.handler.job
        restore = job.options['restore']
        path = self.handler.boot_job(
            'boot_cleanup', epoch, job.node, restore=restore,
            method=boot_undos.get(restore, job.node).method)
        return {'baas_boot_jobs': {job.node: path},
                'baas_boot_before': {job.node: []}}
