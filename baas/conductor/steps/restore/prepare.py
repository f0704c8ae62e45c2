# SPDX-License-Identifier: Apache-2.0
"""The rescue system gets the node program and credentials."""
from baas.conductor.steps import base


class Step(base.Step):
    """Lets the nodes read what is stored."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        for node in self.nodes:
            self.handler.stage_credentials(node, opens=True)
        return {'baas_rescue': self.handler.rescue()}
