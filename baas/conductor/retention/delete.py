# SPDX-License-Identifier: Apache-2.0
"""A job that deletes what is stored of one backup, then forgets it."""
from baas.conductor import handler
from baas.conductor.verification import preemption
from baas.db import backups
from baas.db import boot_undos


class Delete(handler.Handler):
    """See :class:`handler.Handler`."""

    def demand(self):
        """See :class:`handler.Handler`."""
        super().demand()
        preemption.end_verifications(self.job)

    @property
    def backup(self):
        """Row of the backup."""
        return backups.get(self.job.backup_id)

    @property
    def nodes(self):
        """See :class:`handler.Handler`."""
        return [self.backup.node]

    def close(self):
        """See :class:`handler.Handler`."""
        if not backups.delete(self.job.backup_id, epoch=self.job.epoch,
                              job=self.job.id):
            raise boot_undos.LeaseLost(job=self.job.id)
