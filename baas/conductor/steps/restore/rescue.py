# SPDX-License-Identifier: Apache-2.0
"""The rescue system is booted, and calls back."""
from baas.conductor import limits
from baas.conductor.steps import base
from baas.jobs import plans
from baas.jobs import variables


class Step(base.Step):
    """Names who keeps the cluster from fencing, and what is booted."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        handler, kind = self.handler, self.handler.restores
        within = 60 * sum(limits.minutes(kind, step, handler.conf)
                          for step in plans.build(kind))
        told = {'suppress_fencing': {'hosts': handler.hostnames(),
                                     'deadman_timeout': within}}
        suppressor = handler.cluster.fencing_suppressor()
        return {
            'baas_fencing_suppressor': suppressor or variables.NOBODY,
            'baas_options': dict.fromkeys(handler.peers, told),
            **handler.boot_variables('rescue', epoch)}
