# SPDX-License-Identifier: Apache-2.0
"""Storage, key and programs are there."""
from baas.conductor.steps import base


class Step(base.Step):
    """One look is enough for all nodes."""

    @property
    def nodes(self):
        """See :class:`base.Step`."""
        return self.handler.nodes[:1]

    def variables(self, epoch):
        """See :class:`base.Step`."""
        return {'baas_storage_jobs': {
            node: self.handler.storage_job('check', node)
            for node in self.nodes}}

    def finished(self, progress):
        """See :class:`base.Step`."""
        for node in self.handler.absent:
            progress.notes.append((
                'warning', node, f'What is stored of {node} is not read: the '
                                 'inventory does not have it any more. Put '
                                 'it back, if only by name.'))
