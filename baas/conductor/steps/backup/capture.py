# SPDX-License-Identifier: Apache-2.0
"""The payload of every node is read from its snapshot."""
from baas.conductor.backup import coverage
from baas.conductor.steps import base


class Step(base.Step):
    """Goes on without a node that fails."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        return {'baas_options': {
            node: {'capture': self.handler.capture_options(node)}
            for node in self.nodes}}

    def finished(self, progress):
        """See :class:`base.Step`: nodes that failed are in no manifest, and
        those of the others say so."""
        if progress.failures:
            progress.notes += coverage.record(self.handler, progress.failures)
