# SPDX-License-Identifier: Apache-2.0
"""What was changed to boot the rescue system is undone."""
from baas.conductor.steps import base


class Step(base.Step):
    """Must not depend on the storage."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        return self.handler.boot_variables(
            'boot_cleanup', epoch, images=False,
            before=('rescue', 'boot_cleanup'))
