# SPDX-License-Identifier: Apache-2.0
"""Faults while containers and bundles are quiesced: all come back."""
from baas.tests.lab import test_barrier
from baas.tests.lab import test_lab

setUpModule = test_lab.setUpModule


class TestDeadMen(test_barrier.TestMoment):
    """The test of the plain lab, where Pacemaker has bundles to start."""
