# SPDX-License-Identifier: Apache-2.0
"""Credentials are wiped, and members do again what they did before."""
from oslo_log import log

from baas.conductor.steps import base
from baas import errors
from baas.jobs import states
from baas.jobs import variables

LOG = log.getLogger(__name__)


class Step(base.Step):
    """Must not depend on the storage, nor on how machines are booted; how
    far the restore came decides where the nodes are."""

    @property
    def releases(self):
        """See :class:`base.Step`."""
        return self._on_disk() + self.handler.members()

    def variables(self, epoch):
        """See :class:`base.Step`."""
        handler, rescue = self.handler, self._rescue()
        members = handler.members()
        return {
            'baas_in_rescue': variables.hosts(sorted(rescue)),
            'baas_on_disk': variables.hosts(self._on_disk()),
            'baas_other_members': variables.hosts(members),
            'baas_rescue': rescue,
            'baas_options': {name: {} for name
                             in members + handler.machines.lost}}

    def _on_disk(self):
        return self.nodes if 'boot' in self.handler.begun() else []

    def _rescue(self):
        """Give the variables by which Ansible reaches the rescue systems that
        let us in, by node; none when nobody can tell any more."""
        handler, begun = self.handler, self.handler.begun()
        try:
            if 'boot' in begun or not (
                    handler.boot.already_running
                    or begun.get('rescue') == states.DONE):
                return {}
            reach = handler.rescue()
            return {node: reach[node] for node in handler.let_in()}
        except errors.BaasError as error:
            LOG.warning('Rescue systems of job %s are left as they are: %s',
                        handler.job.id, error)
            return {}
