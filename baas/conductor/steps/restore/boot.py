# SPDX-License-Identifier: Apache-2.0
"""The machine boots from its disk, with what was held back."""
from baas.conductor.steps import base
from baas.jobs import variables


class Step(base.Step):
    """Waits until the nodes answer."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        return {
            'baas_rescue': self.handler.rescue(),
            'baas_boot_seconds': self.handler.conf.boot.time_limit * 60,
            'baas_bootstrap_hosts': variables.NOBODY,
            'baas_options': {node: {} for node in self.nodes}}
