# SPDX-License-Identifier: Apache-2.0
"""Services and cluster become healthy with the node in them."""
from baas.conductor.steps import base


class Step(base.Step):
    """Says what the cluster has to look like."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        handler = self.handler
        wait = {'wait': handler.conf.quiesce.health_timeout,
                **handler.expected_cluster()}
        return {'baas_options': {
            node: {'wait_healthy': {
                **wait, 'ovn': handler.expected_databases(node)}}
            for node in self.nodes}}
