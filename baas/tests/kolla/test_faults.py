# SPDX-License-Identifier: Apache-2.0
"""Faults while containers are quiesced that no cluster manager starts."""
from baas.tests.lab import test_barrier
from baas.tests.lab import test_lab

setUpModule = test_lab.setUpModule


class TestDeadMen(test_barrier.TestMoment):
    """The test of the plain lab, where units have to start a cluster."""
