# SPDX-License-Identifier: Apache-2.0
"""See :mod:`baas.conductor.steps.restore.recover`."""
from baas.conductor.steps.restore import recover


class Step(recover.Step):
    """The nodes keep their share of the state of their clusters."""

    def options(self, node):
        """See :class:`recover.Step`."""
        return {**super().options(node), 'new_cluster': True}
