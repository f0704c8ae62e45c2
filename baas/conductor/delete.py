# SPDX-License-Identifier: Apache-2.0
"""A job that deletes what is stored of one backup, then forgets it."""
from baas.conductor import kind
from baas.db import backups
from baas.db import debts


class Delete(kind.Kind):
    """See :class:`kind.Kind`."""

    def variables(self, step, epoch):
        """See :class:`kind.Kind`."""
        backup = backups.get(self.job.backup_id)
        job = self.storage_job(step, backup.node, backup=backup.id,
                               payload=backup.payload)
        return {**self.common(epoch, [backup.node]),
                'baas_storage_jobs': {backup.node: job}}

    def close(self):
        """See :class:`kind.Kind`."""
        if not backups.drop(self.job.backup_id, epoch=self.job.epoch,
                            job=self.job.id):
            raise debts.ClaimLost(job=self.job.id)
