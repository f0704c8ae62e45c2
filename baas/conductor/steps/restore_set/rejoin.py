# SPDX-License-Identifier: Apache-2.0
"""See :mod:`baas.conductor.steps.restore.rejoin`."""
from baas.conductor.restore import galera_bootstrap
from baas.conductor.steps.restore import rejoin


class Step(rejoin.Step):
    """One node starts the database, and all wait for each other."""

    def start_options(self, node):
        """See :class:`rejoin.Step`."""
        handler = self.handler
        first = galera_bootstrap.first(handler.positions())
        return {
            **super().start_options(node),
            'ready': handler.expected_cluster(),
            'first': first and node == first,
            'undos': handler.found(node, 'recover').get('undos', []),
            # The cluster may take as long, and then the services.
            'wait': 2 * handler.conf.quiesce.health_timeout}
