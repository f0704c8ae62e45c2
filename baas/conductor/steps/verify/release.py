# SPDX-License-Identifier: Apache-2.0
"""What still reads is ended: a cancel leaves it at work."""
from baas.conductor.steps import base


class Step(base.Step):
    """Ends what was begun on this conductor."""

    @property
    def nodes(self):
        """See :class:`base.Step`."""
        return sorted(self.handler.backups)

    def variables(self, epoch):
        """See :class:`base.Step`."""
        return {'baas_storage_jobs': {
            node: str(self.handler.workdir.path / f'read-{node}.json')
            for node in self.nodes}}

    def finished(self, progress):
        """See :class:`base.Step`."""
        for node in self.nodes:
            self.handler.log(node).take_down()
