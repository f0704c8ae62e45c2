# SPDX-License-Identifier: Apache-2.0
"""A job that deletes what is stored of one backup, then forgets it."""
from baas.conductor import handler
from baas.db import backups
from baas.db import boot_undos


class Delete(handler.Handler):
    """See :class:`handler.Handler`."""

    def variables(self, step, epoch):
        """See :class:`handler.Handler`."""
        backup = backups.get(self.job.backup_id)
        job = self.storage_job(step, backup.node, backup=backup.id,
                               payload=backup.payload)
        return {**self.common(epoch, [backup.node]),
                'baas_storage_jobs': {backup.node: job}}

    def close(self):
        """See :class:`handler.Handler`."""
        if not backups.delete(self.job.backup_id, epoch=self.job.epoch,
                              job=self.job.id):
            raise boot_undos.LeaseLost(job=self.job.id)
