# SPDX-License-Identifier: Apache-2.0
"""Machines of a lab are lost and restored, while the suite ``lab`` is busy
with another one."""
from baas.tests.lab import another

another.settle('restores', 80)
