# SPDX-License-Identifier: Apache-2.0
"""The rows of the fault matrix in which services of TripleO rest."""
from baas.tests.faults import test_matrix as matrix

setUpModule = matrix.setUpModule


class TestFaults(matrix.FaultTest):
    """Each of those rows."""


for _row in matrix.ROWS:
    if _row.stopall == 'yes':
        matrix.add(TestFaults, _row)
