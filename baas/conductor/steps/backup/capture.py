# SPDX-License-Identifier: Apache-2.0
"""The payload of every node is read from its snapshot."""
from baas.conductor.steps import base


class Step(base.Step):
    """Goes on without a node that fails."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        return {'baas_options': {
            node: {'capture': self.handler.capture_options(node)}
            for node in self.nodes}}
