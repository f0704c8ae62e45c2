# SPDX-License-Identifier: Apache-2.0
"""What is stored of a backup is removed."""
from baas.conductor.steps import base
from baas.conductor.steps import owned
from baas.conductor.steps import removed


class Step(base.Step):
    """Names the backup."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        handler, backup = self.handler, self.handler.backup
        owned.claim(handler)
        return {'baas_storage_jobs': {backup.node: handler.storage_job(
            'delete', backup.node, backup=backup.id,
            payload=backup.payload)}}

    def finished(self, progress):
        """See :class:`base.Step`.

        :raises NotRemoved: its node has neither failed nor ended.
        """
        removed.demand(progress, self.nodes)
