# SPDX-License-Identifier: Apache-2.0
"""See :mod:`baas.conductor.steps.restore.boot`."""
from baas.conductor.restore import galera_bootstrap
from baas.conductor.steps.restore import boot
from baas.jobs import variables


class Step(boot.Step):
    """Finds out who may start the database."""

    def variables(self, epoch):
        """See :class:`baas.conductor.steps.base.Step`."""
        return {**super().variables(epoch),
                'baas_bootstrap_hosts': variables.hosts(self.nodes)}

    def finished(self, progress):
        """See :class:`baas.conductor.steps.base.Step`."""
        if not progress.failures:
            progress.failures.update(
                galera_bootstrap.problems(self.handler.positions()))
