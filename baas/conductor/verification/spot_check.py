# SPDX-License-Identifier: Apache-2.0
"""A job that holds some files of a backup against the living node."""
from baas.conductor import handler
from baas.db import backups


class SpotCheck(handler.Handler):
    """See :class:`handler.Handler`; its steps are in
    :mod:`baas.conductor.steps.spotcheck`."""

    @property
    def backup(self):
        """Row of the backup."""
        return backups.get(self.job.backup_id)

    @property
    def nodes(self):
        """See :class:`handler.Handler`."""
        return [self.job.node]

    @property
    def sample(self):
        """Path of the chosen entries of the file list; it goes to the node
        and is wiped with the secrets (:class:`pathlib.Path`)."""
        return self.workdir.secrets / self.job.node / 'sample.jsonl'
