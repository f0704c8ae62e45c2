# SPDX-License-Identifier: Apache-2.0
"""What is stored of all that leaves the trash is removed."""
from baas.conductor.steps.cleanup import delete


class Step(delete.Step):
    """Names the backups of each node, as a clean-up does."""
