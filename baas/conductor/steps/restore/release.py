# SPDX-License-Identifier: Apache-2.0
"""Credentials are wiped, and members do again what they did before."""
from baas.conductor.steps import base
from baas.jobs import states
from baas.jobs import variables


class Step(base.Step):
    """Must not depend on the storage; how far the restore came decides
    where the nodes are."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        handler, begun = self.handler, self.handler.begun()
        booted = 'boot' in begun
        in_rescue = not booted and (handler.boot.already_running
                                    or begun.get('rescue') == states.DONE)
        return {
            'baas_in_rescue': variables.hosts(
                handler.let_in() if in_rescue else ()),
            'baas_on_disk': variables.hosts(self.nodes if booted else ()),
            'baas_other_members': variables.hosts(handler.peers),
            'baas_rescue': handler.rescue(),
            'baas_options': {name: {} for name
                             in handler.peers + handler.machines.lost}}
